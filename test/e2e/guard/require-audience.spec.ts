import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards, type Type } from '@nestjs/common';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { simpleIdServer } from '../../../lib/authorization-servers/simple-id-server.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';
import { RequireAudience } from '../../../lib/resource-server/authorization/decorators/require-audience.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MHandlers } from '../../../lib/resource-server/handler-audit/m2m-handlers.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestIssuer } from '../../support/issuer.js';
import { platforms, startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';

const SHOP = 'https://shop-api';
const ADMIN = 'https://admin-api';
const OTHER = 'https://other-api';

@UseGuards(M2MGuard)
@Controller()
class ItemsController {
  @Get('either')
  either(): string {
    return 'either';
  }

  @RequireAudience(ADMIN)
  @Get('admin')
  admin(): string {
    return 'admin';
  }

  @RequireAudience(ADMIN)
  @RequireScopes('write')
  @Get('write')
  write(): string {
    return 'write';
  }
}

@RequireAudience(SHOP)
@UseGuards(M2MGuard)
@Controller('shop')
class ShopController {
  @Get()
  shop(): string {
    return 'shop';
  }

  @RequireAudience(ADMIN)
  @Get('both')
  both(): string {
    return 'both';
  }
}

let issuer: TestIssuer;
let partner: TestIssuer;
let unchecked: TestIssuer;

beforeAll(async () => {
  [issuer, partner, unchecked] = [await TestIssuer.start(), await TestIssuer.start(), await TestIssuer.start()];
});

afterAll(async () => {
  await Promise.all([issuer, partner, unchecked].map((each) => each.stop()));
});

const resourceServer = (): M2MResourceServerOptions => ({
  audience: [SHOP, ADMIN],
  trust: [
    { authorizationServer: partner.authorizationServer, audience: SHOP, scopes: [] },
    {
      authorizationServer: unchecked.authorizationServer,
      audience: null,
      allowedClients: ['test-client'],
      scopes: ['write'],
    },
  ],
});

describe.each(platforms)('@RequireAudience() on %s', (platform) => {
  let app: GuardedApp;
  beforeAll(async () => {
    app = await startGuardedApp({
      options: { authorizationServer: issuer.authorizationServer, resourceServer: resourceServer() },
      controllers: [ItemsController, ShopController],
      platform,
    });
  });
  afterAll(async () => app[Symbol.asyncDispose]());

  const get = async (path: string, token: string): Promise<Response> =>
    fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const statuses = async (token: string): Promise<Record<string, number>> => {
    const paths = ['/either', '/admin', '/shop', '/shop/both'];
    const answers = await Promise.all(paths.map(async (path) => [path, (await get(path, token)).status] as const));
    return Object.fromEntries(answers);
  };

  it.each<[string | string[], Record<string, number>]>([
    [SHOP, { '/either': 200, '/admin': 401, '/shop': 200, '/shop/both': 401 }],
    [[ADMIN], { '/either': 200, '/admin': 200, '/shop': 401, '/shop/both': 401 }],
    [[SHOP, ADMIN], { '/either': 200, '/admin': 200, '/shop': 200, '/shop/both': 200 }],
    [[OTHER, ADMIN], { '/either': 200, '/admin': 200, '/shop': 401, '/shop/both': 401 }],
    [[SHOP, `${ADMIN}/`, ADMIN.toUpperCase()], { '/either': 200, '/admin': 401, '/shop': 200, '/shop/both': 401 }],
    [OTHER, { '/either': 401, '/admin': 401, '/shop': 401, '/shop/both': 401 }],
  ])('lets tokens in where they are for (claim 4.8): %j', async (aud, expected) => {
    const token = await issuer.mint({ aud });
    for (let count = 0; count < 2; count += 1) expect(await statuses(token)).toEqual(expected);
  });

  it('refuses a token for another API with 401 invalid_token, before it looks at scopes', async () => {
    const events: unknown[] = [];
    const subscription = app.app.get(M2MTokenVerifier).events$.subscribe((event) => events.push(event));
    const lines = app.log.length;
    const response = await get('/write', await issuer.mint({ aud: SHOP, scope: '' }));
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="api", error="invalid_token", error_description="the access token is not valid here"',
    ]);
    expect(await response.text()).not.toContain(ADMIN);
    const refused = { type: 'token-refused', error: { reason: 'audience' } };
    expect(events).toMatchObject([{ type: 'token-verified' }, refused]);
    const text = app.log
      .slice(lines)
      .map((line) => line.text)
      .join('\n');
    expect(text).toContain(
      `the token of the client "test-client" of "${issuer.issuer}" is for ["${SHOP}"], and the route needs one for "${ADMIN}" that is accepted from there`,
    );
    expect((await get('/write', await issuer.mint({ aud: ADMIN, scope: '' }))).status).toBe(403);
    subscription.unsubscribe();
  });

  it("counts a trusted issuer's token for the audiences of its own entry only", async () => {
    const expected = { '/either': 200, '/admin': 401, '/shop': 200, '/shop/both': 401 };
    expect(await statuses(await partner.mint({ aud: [SHOP, ADMIN] }))).toEqual(expected);
  });

  it('counts no token of an issuer whose aud is not checked', async () => {
    const expected = { '/either': 200, '/admin': 401, '/shop': 401, '/shop/both': 401 };
    expect(await statuses(await unchecked.mint({ aud: [SHOP, ADMIN] }))).toEqual(expected);
  });

  it('does not count the own client id of a caller', async () => {
    const token = await issuer.mint({ client_id: ADMIN, sub: ADMIN, aud: [SHOP, ADMIN] });
    expect(await statuses(token)).toEqual({ '/either': 200, '/admin': 401, '/shop': 200, '/shop/both': 401 });
  });

  it('is in the list of handlers', () => {
    const [, admin] = app.app.get(M2MHandlers).list();
    expect(admin).toMatchObject({ method: 'admin', conditions: [{ decorator: 'RequireAudience', audience: ADMIN }] });
  });
});

describe('@RequireAudience() and a client that is registered under the name of an API', () => {
  const servers = {
    keycloak: keycloak({ url: 'https://sso.example.com', realm: 'acme' }),
    simpleIdServer: simpleIdServer({ url: 'https://id.example.com' }),
  };

  it.each(Object.entries(servers))('keeps its tokens out (claim 4.8): %s', async (_name, server) => {
    const authorizationServer = { ...server, issuer: issuer.issuer, jwksUri: `${issuer.issuer}/jwks` };
    const options = { authorizationServer, resourceServer: { audience: ['shop', 'admin'] } };

    @RequireAudience('admin')
    @UseGuards(M2MGuard)
    @Controller()
    class AdminController {
      @Get()
      get(): string {
        return 'admin';
      }
    }
    await using app = await startGuardedApp({ options, controllers: [AdminController] });
    const get = async (claims: object): Promise<number> => {
      const authorization = `Bearer ${await issuer.mint({ sub: undefined, ...claims })}`;
      return (await fetch(app.url, { headers: { authorization } })).status;
    };
    expect(await get({ client_id: 'admin', azp: 'admin', aud: ['shop', 'admin'] })).toBe(401);
    expect(await get({ client_id: 'orders', azp: 'orders', aud: ['shop', 'admin'] })).toBe(200);
  });
});

/** The findings that stop the start; none where it succeeds. */
async function problems(controller: Type, of: M2MResourceServerOptions): Promise<string[][]> {
  const { authorizationServer } = issuer;
  try {
    const options = { authorizationServer, resourceServer: of };
    await using _app = await startGuardedApp({ options, controllers: [controller] });
    return [];
  } catch (error) {
    if (!(error instanceof M2MConfigurationError)) throw error;
    return error.problems.map((each) => [each.option, each.problem, each.remedy]);
  }
}

function controllerFor(audience: string): Type {
  @UseGuards(M2MGuard)
  @Controller()
  class AdminController {
    @RequireAudience(audience)
    @Get()
    get(): void {}
  }
  return AdminController;
}

describe('the start of an application with @RequireAudience()', () => {
  it('is stopped by an audience that no issuer is accepted for', async () => {
    expect(await problems(controllerFor('https://admn-api'), resourceServer())).toEqual([
      [
        'AdminController.get',
        `has @RequireAudience with https://admn-api, and tokens are accepted for ${SHOP}, ${ADMIN}`,
        `@RequireAudience('${ADMIN}')\nresourceServer.audience: ['${SHOP}', '${ADMIN}', 'https://admn-api']`,
      ],
    ]);
    expect(await problems(controllerFor(ADMIN), { audience: null, allowedClients: ['x'] })).toEqual([
      ['AdminController.get', `has @RequireAudience with ${ADMIN}, and audience is null`, expect.any(String)],
    ]);
  });

  it('is stopped by such an audience on a class', async () => {
    @RequireAudience(OTHER)
    @UseGuards(M2MGuard)
    @Controller()
    class OtherController {}
    expect(await problems(OtherController, resourceServer())).toEqual([
      ['OtherController', expect.stringContaining(OTHER), expect.any(String)],
    ]);
  });

  it('goes on if a trusted issuer is accepted for it', async () => {
    const trust = [{ authorizationServer: partner.authorizationServer, audience: ADMIN, scopes: [] }];
    expect(await problems(controllerFor(ADMIN), { audience: SHOP, trust })).toEqual([]);
  });
});
