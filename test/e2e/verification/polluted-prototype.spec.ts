import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { AuthorizationServer, Claims } from '../../../lib/authorization-servers/authorization-server.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { AllowClients } from '../../../lib/resource-server/authorization/decorators/allow-clients.decorator.js';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { platforms, startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';
import { sendRaw } from '../../support/raw-request.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';

/** Members of tokens, key sets and metadata, of requests, of options and of records that a polluted prototype would add. */
const NAMES = [
  'aud azp cid cnf clientId client_id exp groups gty iat iss jti nbf nonce org_id organization permissions',
  'realm_access resource_access roles scope scopes scp sid sub token_use uti ver',
  'alg b64 crit jku jwk kid typ x5c x5t zip crv d e k key_ops keys kty n use x y',
  'issuer jwks_uri mtls_endpoint_aliases token_endpoint',
  'access_token authorization body headers query raw rawHeaders url',
  'acceptedIssuers algorithms allowedClients allowedOrganizations audience authorizationServer cache callers',
  'checkClaims clientTolerance client http insecureOrigins jwksUri keySet kind maxTokenAge metadataUrl',
  'openToStrangers publicControllers publicMetadata readClaims realm requestHeaders resourceServer tokenType trust unguarded userGuards',
  'clients conditions decorator isPublic m2m user version withdrawn',
]
  .join(' ')
  .split(' ');

/** Node imports no key while one of these is polluted, so that a key set which is fetched then has none: nobody is let in. */
const WITHOUT_KEYS: ReadonlySet<string> = new Set(['alg', 'use']);

let issuer: TestIssuer;
let evil: TestIssuer;
let tokens: ReadonlyMap<string, string>;

/** A token of each kind that must be refused in some place, or let in as it is. */
async function mintAll(): Promise<ReadonlyMap<string, string>> {
  const all: Readonly<Record<string, Promise<string>>> = {
    good: issuer.mint({ organization: 'org_1' }),
    'without a kid or a typ': issuer.mint({ organization: 'org_1' }, { kid: undefined, typ: undefined }),
    'without a scope': issuer.mint({ scope: undefined }),
    'without an audience': issuer.mint({ aud: undefined }),
    'without a client': issuer.mint({ client_id: undefined, sub: undefined }),
    'without an end': issuer.mint({ exp: undefined }),
    'without an issuer': issuer.mint({ iss: undefined }),
    'of a user': issuer.mint({ sub: 'alice' }),
    'of another issuer': evil.mint(),
  };
  return new Map(await Promise.all(Object.entries(all).map(async ([name, token]) => [name, await token] as const)));
}

beforeAll(async () => {
  [issuer, evil] = await Promise.all([TestIssuer.start(), TestIssuer.start()]);
  tokens = await mintAll();
});

afterAll(() => Promise.all([issuer.stop(), evil.stop()]));

afterEach(() => {
  for (const name of NAMES) Reflect.deleteProperty(Object.prototype, name);
});

/** The worst that a name may be given. */
function worst(name: string): unknown {
  const good = tokens.get('good');
  const values: Record<string, unknown> = {
    aud: testAudience,
    exp: 4_000_000_000,
    iss: issuer.issuer,
    sub: testClientId,
    client_id: testClientId,
    scope: 'read:products admin',
    scopes: ['read:products', 'admin'],
    scp: ['admin'],
    roles: ['admin'],
    permissions: ['admin'],
    organization: 'org_1',
    org_id: 'org_1',
    resource_access: { [testAudience]: { roles: ['admin'] } },
    jwks_uri: evil.jwksUri,
    jwksUri: evil.jwksUri,
    mtls_endpoint_aliases: { jwks_uri: evil.jwksUri },
    keys: [],
    authorization: `Bearer ${good}`,
    access_token: good,
    headers: { authorization: `Bearer ${good}` },
    body: { access_token: 'x' },
    rawHeaders: ['authorization', 'x', 'Authorization', 'y'],
    raw: { rawHeaders: ['authorization', 'x', 'Authorization', 'y'] },
    trust: [{ authorizationServer: evil.authorizationServer, audience: testAudience, scopes: ['admin'] }],
    authorizationServer: evil.authorizationServer,
    acceptedIssuers: [issuer.issuer, evil.issuer],
    audience: null,
    callers: 'any',
    kind: 'machine',
    allowedClients: [],
    publicControllers: [],
    readClaims: () => ({ clientId: 'admin', scopes: ['admin'], audience: [testAudience], kind: 'machine' }),
    client: { clientId: 'x', clientSecret: 'x' },
    cache: false,
    maxTokenAge: 1000,
    unguarded: 'refuse',
    isPublic: true,
    decorator: 'Public',
    m2m: { clientId: 'admin', scopes: ['admin'] },
    user: { clientId: 'admin' },
    withdrawn: false,
    use: 'enc',
    nonce: 'x',
    crit: ['x'],
  };
  return Object.hasOwn(values, name) ? values[name] : 'evil';
}

function pollute(name: string): void {
  const value = worst(name);
  // eslint-disable-next-line no-extend-native
  Object.defineProperty(Object.prototype, name, { value, enumerable: true, writable: true, configurable: true });
}

/** A server whose claims are read by a function that leaves out what a token does not have. */
const readByHand = (claims: Claims) => ({
  ...(claims['client_id'] !== undefined && { clientId: claims['client_id'] as string }),
  scopes: [],
  audience: [testAudience],
  kind: 'machine' as const,
});

/** What a caller says but for its claims, or the code of the refusal. */
async function outcomes(verifier: M2MTokenVerifier): Promise<Readonly<Record<string, unknown>>> {
  const each = [...tokens].map(async ([name, token]) => {
    const outcome = await verifier.verify(token).then(describeCaller, (error: { code?: string }) => error.code);
    return [name, outcome] as const;
  });
  return Object.fromEntries(await Promise.all(each));
}

function describeCaller({ clientId, issuer: iss, audience, scopes, organization, kind }: M2MCaller): object {
  return { clientId, iss, audience, scopes, organization, kind };
}

/** The options of the variants of the test. */
function variants(): Readonly<Record<string, object>> {
  const byHand: AuthorizationServer = { ...issuer.authorizationServer, readClaims: readByHand };
  return {
    stock: {},
    'for one organization': { allowedOrganizations: ['org_1'] },
    'by hand': { authorizationServer: byHand, allowedOrganizations: ['org_1'] },
  };
}

async function started(variant: string): Promise<M2MTokenVerifier> {
  const resourceServer = { audience: testAudience, ...variants()[variant] } as M2MModuleOptions['resourceServer'];
  const options: M2MModuleOptions = { authorizationServer: issuer.authorizationServer, resourceServer };
  const module = await Test.createTestingModule({ imports: [M2MModule.forRoot(options)] }).compile();
  return module.get(M2MTokenVerifier);
}

const isWithoutKeys = (name: string, outcome: unknown): boolean =>
  WITHOUT_KEYS.has(name) && outcome === 'ERR_M2M_KEYS_UNAVAILABLE';

describe('with a polluted Object.prototype, the verifier', () => {
  describe.each(['stock', 'for one organization', 'by hand'])('%s', (variant) => {
    let expected: Readonly<Record<string, unknown>>;
    beforeAll(async () => {
      expected = await outcomes(await started(variant));
    });

    it('is a test in which some tokens pass, and others do not', () => {
      const passed = Object.values(expected).filter((each) => typeof each === 'object');
      expect(passed).toHaveLength({ stock: 3, 'for one organization': 0, 'by hand': 0 }[variant] ?? -1);
    });

    it.each(NAMES)('says of every token what it said before: %s', async (name) => {
      const early = await started(variant);
      pollute(name);
      for (const verifier of [early, await started(variant)]) {
        const found = await outcomes(verifier);
        const judged = Object.entries(found).filter(([, outcome]) => !isWithoutKeys(name, outcome));
        expect({ ...expected, ...Object.fromEntries(judged) }).toEqual(expected);
        expect(Object.keys(found)).toEqual(Object.keys(expected));
      }
    });
  });
});

@UseGuards(M2MGuard)
@Controller()
class ProductsController {
  @RequireScopes('admin')
  @Get('scope')
  scope(): void {}

  @AllowClients('admin')
  @Get('client')
  client(): void {}

  @RequireScopes('read:products')
  @Get('read')
  read(@Caller() caller: M2MCaller): string {
    return caller.clientId;
  }
}

describe.each(platforms)('with a polluted Object.prototype, the guard on %s', (platform) => {
  let app: GuardedApp;
  beforeAll(async () => {
    const options = { authorizationServer: issuer.authorizationServer, resourceServer: { audience: testAudience } };
    app = await startGuardedApp({ options, platform, controllers: [ProductsController] });
    await answers();
  });
  afterAll(() => app.app.close());

  async function answers(): Promise<object> {
    const good = [`Authorization: Bearer ${tokens.get('good')}`];
    const fresh = [`Authorization: Bearer ${await issuer.mint({ scope: undefined })}`];
    const requests = [
      ['read', []],
      ['read', good],
      ['read', fresh],
      ['scope', good],
      ['client', good],
    ] as const;
    const statuses: number[] = [];
    for (const [path, headers] of requests) {
      statuses.push((await sendRaw(app.url, [`GET /${path} HTTP/1.1`, ...headers])).status);
    }
    return statuses;
  }

  it.each(NAMES)('answers every request as before: %s (claim 6.2)', async (name) => {
    pollute(name);
    const statuses = await answers();
    Reflect.deleteProperty(Object.prototype, name);
    expect(statuses).toEqual([401, 200, 403, 403, 403]);
  });
});
