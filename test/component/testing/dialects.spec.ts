import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestAuthorizationServer, type TestDialectName } from '../../../lib/testing/index.js';
import { ask, type Ask } from './ask.js';
import { ACCESS_TOKEN, TOKEN_EXCHANGE } from './exchange.js';

const SHOP = 'https://shop.example';
const post = { client_id: 'orders', client_secret: 's3cret' };
const basic = 'orders:s3cret';

interface Case {
  readonly asked: Ask;
  readonly status?: number;
  readonly body?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly bodyLacks?: string[];
  /** Claims and header parameters. */
  readonly tokenLacks?: string[];
}

const dialects: Record<TestDialectName, { issuer: string; cases: Record<string, Case> }> = {
  standard: {
    issuer: '',
    cases: {
      'issues an RFC 9068 token for the resource named': {
        asked: { basic, parameters: { resource: SHOP, scope: 'read:products' } },
        body: { token_type: 'Bearer', expires_in: 3600, scope: 'read:products' },
        header: { alg: 'RS256', typ: 'at+jwt' },
        claims: { aud: SHOP, sub: 'orders', client_id: 'orders', scope: 'read:products' },
      },
      'takes audience for resource, and the secret in the body': {
        asked: { parameters: { ...post, audience: SHOP } },
        claims: { aud: SHOP, scope: 'read:products write:products' },
      },
      'goes by the default resource': { asked: { basic }, claims: { aud: SHOP } },
      'form-decodes Basic': { asked: { basic: 'b%C3%A4cker:p%3A+s' }, claims: { sub: 'bäcker' } },
      'refuses a wrong secret': { asked: { basic: 'orders:nope' }, status: 401, body: { error: 'invalid_client' } },
      'refuses a Basic header without a colon': {
        asked: { basic: 'x' },
        status: 401,
        body: { error: 'invalid_client' },
      },
      'refuses a Basic header that is not form-encoded': {
        asked: { basic: '%zz:x' },
        status: 401,
        body: { error: 'invalid_client' },
      },
      'refuses an unknown client': { asked: { basic: 'x:y' }, status: 401, body: { error: 'invalid_client' } },
      'refuses no client': { asked: {}, status: 401, body: { error: 'invalid_client' } },
      'refuses a secret without a client': {
        asked: { parameters: { client_secret: 'x' } },
        status: 400,
        body: { error: 'invalid_request', error_description: 'client_id is missing' },
      },
      'refuses a confidential client that sends its id only': {
        asked: { parameters: { client_id: 'orders' } },
        status: 401,
        body: { error: 'invalid_client' },
      },
      'takes a public client': { asked: { parameters: { client_id: 'public' } }, claims: { sub: 'public' } },
      'refuses Basic and a body secret together': {
        asked: { basic, parameters: post },
        status: 400,
        body: { error: 'invalid_request' },
      },
      'refuses an unknown resource': {
        asked: { basic, parameters: { resource: 'https://other.example' } },
        status: 400,
        body: { error: 'invalid_target' },
      },
      'refuses a resource that the client may not access': {
        asked: { basic: 'reader:r', parameters: { resource: 'https://admin.example' } },
        status: 400,
        body: { error: 'invalid_target' },
      },
      'refuses a scope that the client may not have': {
        asked: { basic: 'reader:r', parameters: { scope: 'read:products write:products' } },
        status: 400,
        body: { error: 'invalid_scope', error_description: 'the client may not have write:products' },
      },
      'refuses a repeated parameter': {
        asked: {
          basic,
          parameters: [
            ['scope', 'a'],
            ['scope', 'b'],
          ],
        },
        status: 400,
        body: { error: 'invalid_request' },
      },
      'takes several resources': {
        asked: {
          basic,
          parameters: [
            ['resource', SHOP],
            ['resource', 'https://admin.example'],
          ],
        },
        claims: { aud: [SHOP, 'https://admin.example'] },
      },
      'refuses another grant': {
        asked: { basic, parameters: { grant_type: 'password' } },
        status: 400,
        body: { error: 'unsupported_grant_type' },
      },
      'refuses no grant': {
        asked: { basic, parameters: { grant_type: '' } },
        status: 400,
        body: { error: 'invalid_request' },
      },
      'refuses JSON': { asked: { parameters: post, json: true }, status: 400, body: { error: 'invalid_request' } },
    },
  },
  auth0: {
    issuer: '/',
    cases: {
      'always grants all scopes of the audience': {
        asked: { json: true, parameters: { ...post, audience: SHOP, scope: 'read:products' } },
        body: { token_type: 'Bearer', expires_in: 86400, scope: 'read:products write:products' },
        header: { alg: 'RS256', typ: 'JWT' },
        claims: { aud: SHOP, sub: 'orders@clients', azp: 'orders', gty: 'client-credentials' },
        tokenLacks: ['client_id'],
      },
      'writes the organization': {
        asked: { parameters: { ...post, audience: SHOP, organization: 'org_1' } },
        claims: { org_id: 'org_1' },
      },
      'refuses an organization that is not granted': {
        asked: { basic: 'reader:r', parameters: { audience: SHOP, organization: 'org_2' } },
        status: 403,
        body: { error: 'access_denied' },
      },
      'needs an audience': {
        asked: { parameters: { ...post, resource: SHOP } },
        status: 403,
        body: { error: 'access_denied' },
      },
      'refuses an audience that is not granted': {
        asked: { basic: 'reader:r', parameters: { audience: 'https://admin.example' } },
        status: 403,
        body: {
          error: 'access_denied',
          error_description:
            'Client is not authorized to access "https://admin.example". You need to create a "client-grant" associated to this API.',
        },
      },
      'refuses an ungranted scope': {
        asked: { basic: 'reader:r', parameters: { audience: SHOP, scope: 'write:products' } },
        status: 403,
        body: { error: 'access_denied' },
      },
      'refuses a wrong secret as access_denied': {
        asked: { basic: 'orders:nope', parameters: { audience: SHOP } },
        status: 401,
        body: { error: 'access_denied', error_description: 'Unauthorized' },
      },
    },
  },
  cognito: {
    issuer: '/eu-central-1_Test',
    cases: {
      'grants all scopes where none is asked': {
        asked: { basic },
        body: { token_type: 'Bearer', expires_in: 3600 },
        header: { alg: 'RS256', kid: expect.stringMatching(/\/.*=$/) },
        claims: {
          token_use: 'access',
          sub: 'orders',
          client_id: 'orders',
          version: 2,
          scope: `${SHOP}/read:products ${SHOP}/write:products https://admin.example/delete:all`,
        },
        bodyLacks: ['scope'],
        tokenLacks: ['aud', 'typ'],
      },
      'takes Basic raw': { asked: { basic: 'bäcker:p: s' }, claims: { sub: 'bäcker' } },
      'ignores what is not granted': {
        asked: { basic: 'reader:r', parameters: { scope: `${SHOP}/read:products ${SHOP}/write:products` } },
        claims: { scope: `${SHOP}/read:products` },
      },
      'refuses where nothing is granted': {
        asked: { basic, parameters: { scope: 'read:products' } },
        status: 400,
        body: { error: 'invalid_scope' },
        bodyLacks: ['error_description'],
      },
      'refuses a wrong secret with 400 and no description': {
        asked: { basic: 'orders:nope' },
        status: 400,
        body: { error: 'invalid_client' },
        bodyLacks: ['error_description'],
      },
    },
  },
  logto: {
    issuer: '/oidc',
    cases: {
      'grants the scopes asked for at the resource, dropping the others': {
        asked: { basic: 'reader:r', parameters: { resource: SHOP, scope: 'read:products write:products x' } },
        body: { token_type: 'Bearer', expires_in: 3600, scope: 'read:products' },
        header: { alg: 'ES384', typ: 'at+jwt' },
        claims: { aud: SHOP, sub: 'reader', client_id: 'reader', scope: 'read:products' },
      },
      'grants none where none is asked': {
        asked: { json: true, parameters: { ...post, resource: SHOP } },
        claims: { aud: SHOP },
        bodyLacks: ['scope'],
        tokenLacks: ['scope'],
      },
      'issues organization tokens': {
        asked: { basic, parameters: { organization_id: 'o1' } },
        body: { scope: '' },
        claims: { aud: 'urn:logto:organization:o1' },
        tokenLacks: ['organization_id'],
      },
      'names the organization beside a resource': {
        asked: { basic, parameters: { organization_id: 'o1', resource: SHOP } },
        claims: { aud: SHOP, organization_id: 'o1' },
      },
      'ignores audience, and then misses a resource': {
        asked: { basic, parameters: { audience: SHOP } },
        status: 400,
        body: { error: 'invalid_target', code: 'oidc.invalid_target' },
      },
      'knows a resource by its exact string': {
        asked: { basic, parameters: { resource: `${SHOP}/` } },
        status: 400,
        body: { error: 'invalid_target' },
      },
      'refuses Basic and a body secret together': {
        asked: { basic, parameters: { ...post, resource: SHOP } },
        status: 400,
        body: { error: 'invalid_request' },
      },
      'refuses a wrong secret with 401': {
        asked: { basic: 'orders:nope', parameters: { resource: SHOP } },
        status: 401,
        body: { error: 'invalid_client', message: expect.any(String) },
      },
      'refuses an unknown client with 400': {
        asked: { basic: 'nobody:x', parameters: { resource: SHOP } },
        status: 400,
        body: { error: 'invalid_client' },
      },
    },
  },
  simpleIdServer: {
    issuer: '/master',
    cases: {
      'derives the audience from the scopes, and writes arrays': {
        asked: { parameters: { ...post, scope: 'read:products' } },
        body: { expires_in: 1800, refresh_token: expect.any(String), scope: 'read:products' },
        header: { alg: 'RS256', typ: 'JWT' },
        claims: { aud: [SHOP], client_id: 'orders', scope: ['read:products'] },
        tokenLacks: ['sub'],
      },
      'takes the name of a resource': {
        asked: { parameters: { ...post, scope: 'delete:all', resource: 'https://admin.example' } },
        claims: { aud: ['https://admin.example'] },
      },
      'needs a scope': { asked: { parameters: post }, status: 400, body: { error: 'invalid_request' } },
      'refuses a scope twice': {
        asked: { parameters: { ...post, scope: 'read:products read:products' } },
        status: 400,
        body: { error: 'invalid_scope' },
      },
      'refuses an ungranted scope': {
        asked: { parameters: { ...post, scope: 'x' } },
        status: 400,
        body: { error: 'invalid_scope' },
      },
      'refuses a method that is not the registered one': {
        asked: { basic, parameters: { scope: 'read:products' } },
        status: 400,
        body: { error: 'invalid_client' },
      },
      'takes Basic of a client registered for it': {
        asked: { basic: 'basic:b', parameters: { scope: 'read:products' } },
        claims: { client_id: 'basic' },
      },
      'refuses Basic with a second colon': {
        asked: { basic: 'basic:b:b', parameters: { scope: 'read:products' } },
        status: 400,
        body: { error: 'invalid_client' },
      },
    },
  },
  keycloak: {
    issuer: '/realms/test',
    cases: {
      'lets mappers decide the audience, and adds its default scopes': {
        asked: { basic, parameters: { scope: 'read:products' } },
        body: { expires_in: 300, refresh_expires_in: 0, scope: 'profile email read:products' },
        header: { alg: 'RS256', typ: 'JWT' },
        claims: {
          aud: [SHOP, 'https://admin.example'],
          typ: 'Bearer',
          azp: 'orders',
          client_id: 'orders',
          preferred_username: 'service-account-orders',
        },
        tokenLacks: ['sid'],
      },
      'refuses an unknown scope': {
        asked: { parameters: { ...post, scope: 'x' } },
        status: 400,
        body: { error: 'invalid_scope', error_description: 'Invalid scopes: x' },
      },
      'refuses a wrong secret': {
        asked: { basic: 'orders:nope' },
        status: 401,
        body: { error: 'unauthorized_client' },
      },
    },
  },
  entraId: {
    issuer: '/11111111-2222-3333-4444-555555555555/v2.0',
    cases: {
      'grants the application roles of the one resource': {
        asked: { parameters: { ...post, scope: `${SHOP}/.default` } },
        body: { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 },
        header: { alg: 'RS256', typ: 'JWT' },
        claims: { aud: SHOP, azp: 'orders', idtyp: 'app', roles: ['read:products', 'write:products'], ver: '2.0' },
        bodyLacks: ['scope'],
        tokenLacks: ['scp', 'client_id'],
      },
      'needs a scope': {
        asked: { parameters: post },
        status: 400,
        body: { error: 'invalid_request', error_codes: [900144] },
      },
      'needs .default': {
        asked: { parameters: { ...post, scope: `${SHOP}/read` } },
        status: 400,
        body: { error: 'invalid_scope', error_codes: [1002012] },
      },
      'takes one resource only': {
        asked: { parameters: { ...post, scope: `${SHOP}/.default https://admin.example/.default` } },
        status: 400,
        body: { error: 'invalid_scope' },
      },
      'refuses an unknown resource': {
        asked: { parameters: { ...post, scope: 'https://other.example/.default' } },
        status: 400,
        body: { error: 'invalid_resource' },
      },
      'refuses a wrong secret, with what support asks for': {
        asked: { parameters: { ...post, client_secret: 'nope' } },
        status: 401,
        body: {
          error: 'invalid_client',
          error_description: expect.stringMatching(/^AADSTS7000215: /),
          trace_id: expect.any(String),
          correlation_id: expect.any(String),
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/),
        },
      },
      'refuses an unknown client': {
        asked: { parameters: { ...post, client_id: 'nobody' } },
        status: 400,
        body: { error: 'unauthorized_client' },
      },
      'says a code where it has none of its own': {
        asked: { basic, parameters: post },
        status: 400,
        body: { error_codes: [90000] },
      },
    },
  },
  okta: {
    issuer: '/oauth2/default',
    cases: {
      'has one audience for the whole server, and scopes in scp': {
        asked: { basic, parameters: { scope: 'read:products' } },
        body: { expires_in: 3600, scope: 'read:products' },
        claims: {
          aud: SHOP,
          cid: 'orders',
          sub: 'orders',
          scp: ['read:products'],
          jti: expect.stringMatching(/^AT\./),
        },
        tokenLacks: ['uid', 'scope'],
      },
      'needs a scope': { asked: { basic }, status: 400, body: { error: 'invalid_scope' } },
      'refuses a scope that is not configured': {
        asked: { basic, parameters: { scope: 'x' } },
        status: 400,
        body: { error: 'invalid_scope' },
      },
      'refuses a wrong secret': { asked: { basic: 'orders:nope' }, status: 401, body: { error: 'invalid_client' } },
    },
  },
  hydra: {
    issuer: '',
    cases: {
      'takes several audiences, separated by spaces': {
        asked: { basic, parameters: { audience: `${SHOP} https://admin.example`, scope: 'read:products' } },
        body: { expires_in: 3599, scope: 'read:products' },
        claims: { aud: [SHOP, 'https://admin.example'], client_id: 'orders', sub: 'orders', scp: ['read:products'] },
      },
      'writes an empty audience where none is asked': { asked: { basic }, claims: { aud: [], scp: [] } },
      'refuses an audience that is not whitelisted': {
        asked: { basic: 'reader:r', parameters: { audience: 'https://admin.example' } },
        status: 400,
        body: { error: 'invalid_request', error_description: expect.stringContaining("'https://admin.example'") },
      },
      'refuses an ungranted scope': {
        asked: { basic, parameters: { scope: 'x' } },
        status: 400,
        body: { error: 'invalid_scope' },
      },
      'refuses a method that is not the registered one': {
        asked: { parameters: post },
        status: 401,
        body: { error: 'invalid_client' },
      },
    },
  },
  spring: {
    issuer: '',
    cases: {
      'writes the client into sub and aud, and scopes as an array': {
        asked: { basic, parameters: { scope: 'read:products write:products', resource: SHOP } },
        body: { token_type: 'Bearer', expires_in: 599, scope: 'read:products write:products' },
        header: { alg: 'RS256' },
        claims: { sub: 'orders', aud: 'orders', scope: ['read:products', 'write:products'], nbf: expect.any(Number) },
        tokenLacks: ['typ', 'client_id', 'azp'],
      },
      'grants no scope that is not requested': { asked: { basic }, bodyLacks: ['scope'], tokenLacks: ['scope'] },
      'form-decodes Basic': { asked: { basic: 'b%C3%A4cker:p%3A+s' }, claims: { sub: 'bäcker' } },
      'refuses a method that is not the registered one, without a description': {
        asked: { parameters: post },
        status: 401,
        body: { error: 'invalid_client' },
        bodyLacks: ['error_description'],
      },
      'refuses a scope that the client may not have': {
        asked: { basic: 'reader:r', parameters: { scope: 'write:products' } },
        status: 400,
        body: { error: 'invalid_scope' },
      },
      'refuses a wrong secret': { asked: { basic: 'orders:nope' }, status: 401, body: { error: 'invalid_client' } },
    },
  },
  zitadel: {
    issuer: '',
    cases: {
      'takes the project by a reserved scope, and writes roles as keys': {
        asked: { basic, parameters: { scope: `openid urn:zitadel:iam:org:project:id:${SHOP}:aud` } },
        body: { token_type: 'Bearer', expires_in: 43199 },
        claims: {
          aud: ['orders', SHOP],
          azp: 'orders',
          'urn:zitadel:iam:org:project:roles': {
            'read:products': expect.anything(),
            'write:products': expect.anything(),
          },
        },
        bodyLacks: ['scope'],
        tokenLacks: ['client_id'],
      },
      'needs openid': { asked: { basic, parameters: { scope: 'x' } }, status: 400, body: { error: 'invalid_scope' } },
      'refuses a wrong secret': { asked: { basic: 'orders:nope' }, status: 401, body: { error: 'invalid_client' } },
    },
  },
};

describe.each(Object.keys(dialects) as TestDialectName[])('the dialect %s', (dialect) => {
  const { issuer, cases } = dialects[dialect];
  let server: TestAuthorizationServer;

  beforeAll(async () => {
    server = await TestAuthorizationServer.start({
      dialect,
      clients: {
        orders: 's3cret',
        reader: { secret: 'r', scopes: ['read:products'], resources: [SHOP], organizations: ['org_1'] },
        basic: { secret: 'b', authentication: 'client_secret_basic' },
        public: {},
        bäcker: 'p: s',
      },
      resources: { [SHOP]: ['read:products', 'write:products'], 'https://admin.example': ['delete:all'] },
    });
  });
  afterAll(() => server.stop());

  it.each(Object.entries(cases))('%s', async (_name, expected) => {
    const { asked, status = 200, body = {}, claims = {}, header = {}, bodyLacks = [], tokenLacks = [] } = expected;
    const answer = await ask(server, asked);
    const always = status === 200 ? { iss: server.issuer } : {};
    expect(answer).toMatchObject({ status, body, claims: { ...always, ...claims }, header });
    for (const name of bodyLacks) expect(answer.body).not.toHaveProperty([name]);
    for (const name of tokenLacks) expect({ ...answer.claims, ...answer.header }).not.toHaveProperty([name]);
  });

  it('publishes metadata of its issuer, and the key that signs', async () => {
    expect(server.issuer).toBe(server.url + issuer);
    const path = `${server.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const metadata = (await (await fetch(path)).json()) as Record<string, string>;
    expect(metadata).toMatchObject({ issuer: server.issuer, token_endpoint: server.tokenEndpoint });
    const { keys } = (await (await fetch(metadata['jwks_uri']!)).json()) as { keys: { kid: string }[] };
    const token = await server.mint();
    const { kid } = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: string };
    expect(keys.map((key) => key.kid)).toContain(kid);
  });

  it('tells a user from a machine in its own way', async () => {
    const parts = await Promise.all([
      server.mint({ clientId: 'orders' }),
      server.mint({ clientId: 'orders', user: 'alice' }),
    ]);
    const [machine, user] = parts.map(
      (token) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as object,
    );
    expect(JSON.stringify(user)).toContain('alice');
    expect(JSON.stringify(machine)).not.toContain('alice');
  });
});

it('the dialect spring answers a request without credentials with a status alone', async () => {
  await using server = await TestAuthorizationServer.start({ dialect: 'spring' });
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  const answer = await fetch(server.tokenEndpoint, { method: 'POST', body });
  expect([answer.status, await answer.text()]).toEqual([401, '']);
});

it.each(['auth0', 'cognito', 'logto', 'simpleIdServer', 'okta', 'hydra', 'spring', 'zitadel'] as const)(
  'the dialect %s exchanges no tokens, and does not say that it does',
  async (dialect) => {
    await using server = await TestAuthorizationServer.start({
      dialect,
      signingAlg: 'ES256',
      clients: { orders: { secret: 's3cret', authentication: 'client_secret_post' } },
    });
    const subject = { subject_token: await server.mint({ user: 'anna' }), subject_token_type: ACCESS_TOKEN };
    const credentials = { client_id: 'orders', client_secret: 's3cret' };
    for (const grant_type of [TOKEN_EXCHANGE, 'urn:ietf:params:oauth:grant-type:jwt-bearer']) {
      const answer = await ask(server, { parameters: { grant_type, ...credentials, ...subject } });
      expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_grant_type' } });
    }
    const path = server.issuer.replace(/\/$/, '');
    const metadata = await (await fetch(`${path}/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({ grant_types_supported: ['client_credentials'] });
  },
);
