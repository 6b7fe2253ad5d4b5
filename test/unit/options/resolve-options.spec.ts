import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

const authorizationServer = { name: 'test', issuer: 'https://id.example.com' };
const client = { clientId: 'orders', clientSecret: 'top-secret' };
const resourceServer = { audience: 'https://products' };
const target = { url: 'https://shop.example.com/api' };

/** Options as JavaScript users may write them: the types do not hold there. */
const resolve = (options: unknown) => resolveOptions(options as M2MModuleOptions);
const withClient = (more: object) => ({ authorizationServer, client: { ...client, ...more } });
const withApi = (more: object) => ({ authorizationServer, resourceServer: { ...resourceServer, ...more } });

function problemsOf(options: unknown) {
  try {
    resolve(options);
  } catch (error) {
    if (error instanceof M2MConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    const resolved = resolve({ authorizationServer, client: { ...client, targets: { shop: target } }, resourceServer });
    expect(resolved.client).toMatchObject({
      name: undefined,
      clientAuthentication: { method: 'client_secret_basic', encoding: 'form' },
      timeout: 10_000,
      retry: { attempts: 3, delay: 200, maxDelay: 2000 },
      warmup: 'off',
      verifyScope: 'warn',
      budget: { perHour: Infinity, perDay: Infinity },
      targets: [{ name: 'shop', origin: 'https://shop.example.com', path: '/api', renewOn401: 'invalid_token' }],
    });
    expect(resolved.resourceServer).toMatchObject({
      issuers: [{ audience: ['https://products'], scopes: undefined, callers: 'machine' }],
      algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
      tokenType: 'any',
      clockTolerance: 5000,
      cache: { maxTokens: 10_000, ttl: 60_000 },
      keySet: { maxAge: 600_000, cooldown: 30_000, timeout: 5000, staleIfError: 3_600_000 },
    });
  });

  it.each<[string, unknown, string]>([
    ['no options', undefined, 'options'],
    ['neither half', { authorizationServer }, 'options'],
    ['a misspelt half', { ...withClient({}), resourceServr: {} }, 'resourceServr'],
    ['no authorization server', { client }, 'client.authorizationServer'],
    ['no issuer', { authorizationServer: { name: 'x' }, client }, 'client.authorizationServer.issuer'],
    [
      'an issuer that is no URL',
      { authorizationServer: { issuer: 'id' }, client },
      'client.authorizationServer.issuer',
    ],
    [
      'an issuer over HTTP',
      { authorizationServer: { issuer: 'http://id.test' }, client },
      'client.authorizationServer.issuer',
    ],
    [
      'a key set over HTTP',
      { authorizationServer: { ...authorizationServer, jwksUri: 'http://id.test' }, client },
      'client.authorizationServer.jwksUri',
    ],
    [
      'no accepted issuer',
      { authorizationServer: { ...authorizationServer, acceptedIssuers: [] }, client },
      'client.authorizationServer.acceptedIssuers',
    ],
    ['a misspelt http option', { ...withClient({}), http: { agent: 1 } }, 'http.agent'],
    ['no client id', withClient({ clientId: undefined }), 'client.clientId'],
    ['an empty client id', withClient({ clientId: ' ' }), 'client.clientId'],
    ['no secret', withClient({ clientSecret: undefined }), 'client.clientSecret'],
    ['an empty secret', withClient({ clientSecret: '' }), 'client.clientSecret'],
    ['a secret beside none()', withClient({ clientAuthentication: { method: 'none' } }), 'client.clientSecret'],
    ['a misspelt client option', withClient({ scopes: ['a'] }), 'client.scopes'],
    ['a scope with a quote', withClient({ scope: ['a"b'] }), 'client.scope'],
    ['a scope with a line break', withClient({ scope: 'a\nb' }), 'client.scope'],
    ['a number as scope', withClient({ scope: 5 }), 'client.scope'],
    ['an empty audience', withClient({ audience: '' }), 'client.audience'],
    ['an empty resource', withClient({ resource: [''] }), 'client.resource'],
    ['an organization that is no text', withClient({ organization: 5 }), 'client.organization'],
    ['parameters that are no object', withClient({ parameters: 'a=b' }), 'client.parameters'],
    ['a reserved parameter', withClient({ parameters: { grant_type: 'password' } }), 'client.parameters.grant_type'],
    ['a client parameter', withClient({ parameters: { client_secret: 'x' } }), 'client.parameters.client_secret'],
    ['scope among the parameters', withClient({ parameters: { scope: 'x' } }), 'client.parameters.scope'],
    ['a negative leeway', withClient({ renewal: { leeway: -1 } }), 'client.renewal.leeway'],
    ['renewal that is no object', withClient({ renewal: 5 }), 'client.renewal'],
    ['a fraction of attempts', withClient({ retry: { attempts: 1.5 } }), 'client.retry.attempts'],
    ['a timeout of nothing', withClient({ timeout: 0 }), 'client.timeout'],
    ['a misspelt word', withClient({ warmup: 'on' }), 'client.warmup'],
    ['a budget of nothing', withClient({ budget: { perHour: 0 } }), 'client.budget.perHour'],
    [
      'a named client without secret',
      withClient({ clients: { billing: { clientId: 'b' } } }),
      'client.clients.billing.clientSecret',
    ],
    [
      'targets of a named client',
      withClient({ clients: { billing: { ...client, targets: {} } } }),
      'client.clients.billing.targets',
    ],
    ['a target without URL', withClient({ targets: { shop: {} } }), 'client.targets.shop.url'],
    ['a target that is a text', withClient({ targets: { shop: 'https://shop' } }), 'client.targets.shop'],
    ['a target with a relative URL', withClient({ targets: { shop: { url: '/api' } } }), 'client.targets.shop.url'],
    ['a target over HTTP', withClient({ targets: { shop: { url: 'http://shop.test' } } }), 'client.targets.shop.url'],
    [
      'a target with user information',
      withClient({ targets: { shop: { url: 'https://a:b@shop.test' } } }),
      'client.targets.shop.url',
    ],
    [
      'a target with a query',
      withClient({ targets: { shop: { url: 'https://shop.test/?a' } } }),
      'client.targets.shop.url',
    ],
    [
      'a target with an encoded slash',
      withClient({ targets: { shop: { url: 'https://shop.test/a%2fb' } } }),
      'client.targets.shop.url',
    ],
    [
      'a target of an unknown client',
      withClient({ targets: { shop: { ...target, client: 'billing' } } }),
      'client.targets.shop.client',
    ],
    [
      'a target timeout of nothing',
      withClient({ targets: { shop: { ...target, http: { timeout: 0 } } } }),
      'client.targets.shop.http.timeout',
    ],
    [
      'two targets at one place',
      withClient({ targets: { a: target, b: { url: `${target.url}/` } } }),
      'client.targets.b.url',
    ],
    ['no audience', withApi({ audience: undefined }), 'resourceServer.audience'],
    ['an empty audience', withApi({ audience: '' }), 'resourceServer.audience'],
    ['an empty list of audiences', withApi({ audience: [] }), 'resourceServer.audience'],
    ['an unchecked audience without clients', withApi({ audience: null }), 'resourceServer.allowedClients'],
    ['no clients allowed', withApi({ allowedClients: [] }), 'resourceServer.allowedClients'],
    ['a symmetric algorithm', withApi({ algorithms: ['HS256'] }), 'resourceServer.algorithms'],
    ['no signature', withApi({ algorithms: ['none'] }), 'resourceServer.algorithms'],
    ['a tolerance in seconds', withApi({ clockTolerance: 5 }), 'resourceServer.clockTolerance'],
    ['a tolerance of an hour', withApi({ clockTolerance: 3_600_000 }), 'resourceServer.clockTolerance'],
    ['a token age in seconds', withApi({ maxTokenAge: 300 }), 'resourceServer.maxTokenAge'],
    ['a cache of nothing', withApi({ cache: { maxTokens: 0 } }), 'resourceServer.cache.maxTokens'],
    ['a cache that is true', withApi({ cache: true }), 'resourceServer.cache'],
    ['a key set age of nothing', withApi({ keySet: { maxAge: 0 } }), 'resourceServer.keySet.maxAge'],
    ['a realm that breaks the header', withApi({ realm: 'a"b' }), 'resourceServer.realm'],
    [
      'a trusted issuer without scopes',
      withApi({ trust: [{ authorizationServer: { issuer: 'https://p.test' }, audience: 'a' }] }),
      'resourceServer.trust[0].scopes',
    ],
    [
      'a trusted issuer that is the primary',
      withApi({ trust: [{ authorizationServer, audience: 'a', scopes: ['a'] }] }),
      'resourceServer.trust',
    ],
    [
      'a trusted issuer with the primary options',
      withApi({
        trust: [{ authorizationServer: { issuer: 'https://p.test' }, audience: 'a', scopes: ['a'], realm: 'x' }],
      }),
      'resourceServer.trust[0].realm',
    ],
  ])('refuses %s', (_, options, where) => {
    expect(problemsOf(options).map((problem) => problem.where)).toEqual([where]);
  });

  it('lists everything that is wrong, each with the line to write', () => {
    expect(() =>
      resolve({ client: { clientId: '', clientSecret: 'top-secret', timeout: '5s' }, resourceServer: {} }),
    ).toThrow(
      new M2MConfigurationError([
        {
          where: 'client.authorizationServer',
          seen: 'is missing',
          write: "authorizationServer: oidc({ issuer: 'https://id.example.com' })",
        },
        { where: 'client.clientId', seen: 'is an empty string', write: "clientId: 'my-service'" },
        { where: 'client.timeout', seen: 'is a string, not a whole number of at least 1', write: 'timeout: 10000' },
        {
          where: 'resourceServer.authorizationServer',
          seen: 'is missing',
          write: "authorizationServer: oidc({ issuer: 'https://id.example.com' })",
        },
        {
          where: 'resourceServer.audience',
          seen: 'is missing',
          write:
            "audience: 'https://my-api', as the tokens carry it in aud; null to leave it unchecked, with allowedClients",
        },
      ]),
    );
  });

  it('puts what an authorization server says of a target below the path of that target', () => {
    const strict = {
      ...authorizationServer,
      tokenParameters: ({ audience }: { audience?: string | undefined }) => {
        if (audience === undefined)
          throw new M2MConfigurationError([{ where: 'audience', seen: 'is missing', write: '', kind: 'missing' }]);
        if (audience === 'x')
          throw new M2MConfigurationError([{ where: 'audience', seen: 'is not understood', write: '' }]);
        return {};
      },
    };
    const places = (more: object) =>
      problemsOf({ authorizationServer: strict, client: { ...client, ...more } }).map(({ where }) => where);
    expect(places({})).toEqual([]);
    expect(places({ audience: 'x' })).toEqual(['client.audience']);
    expect(places({ targets: { shop: target } })).toEqual(['client.targets.shop.audience']);
    expect(places({ targets: { shop: { ...target, audience: 'a' } } })).toEqual([]);
  });

  it('lets an error that is not about configuration through', () => {
    const broken = {
      ...authorizationServer,
      tokenParameters: () => {
        throw new TypeError('broken');
      },
    };
    expect(() => resolve({ authorizationServer: broken, client })).toThrow(TypeError);
  });

  it('keeps a secret out of everything that prints', () => {
    const resolved = resolve(withClient({}));
    expect(inspect(resolved, { depth: null, showHidden: true }) + JSON.stringify(resolved)).not.toContain('top-secret');
    expect(resolved.client?.clientSecret?.()).toBe('top-secret');
    for (const options of [
      withClient({ clientId: '' }),
      withClient({ clientSecret: ['top-secret'] }),
      withClient({ parameters: { client_secret: 'top-secret' } }),
    ]) {
      expect(() => resolve(options)).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('top-secret') }),
      );
    }
  });

  it('freezes its own objects and leaves the instances of others alone', () => {
    const store = { get: async () => undefined, set: async () => {}, delete: async () => {} };
    const httpsAgent = { agent: true };
    const resolved = resolve({
      ...withClient({ tokenStore: store, targets: { shop: { ...target, http: { httpsAgent } } } }),
      http: { httpsAgent },
    });
    for (const own of [
      resolved,
      resolved.client,
      resolved.http,
      resolved.client?.targets,
      resolved.client?.targets[0],
    ]) {
      expect(Object.isFrozen(own)).toBe(true);
    }
    expect(resolved.client?.tokenStore).toBe(store);
    expect(resolved.http.httpsAgent).toBe(httpsAgent);
    expect(Object.isFrozen(store)).toBe(false);
    expect(Object.isFrozen(httpsAgent)).toBe(false);
  });

  it('gives each half its own authorization server where it names one', () => {
    const other = { name: 'other', issuer: 'http://127.0.0.1:8080' };
    const { client: outbound, resourceServer: inbound } = resolve({
      authorizationServer,
      client: {
        ...client,
        authorizationServer: other,
        clients: { billing: client, audit: { ...client, authorizationServer } },
      },
      resourceServer,
    });
    expect(outbound?.authorizationServer.issuer).toBe(other.issuer);
    expect(outbound?.clients.get('billing')?.authorizationServer.issuer).toBe(other.issuer);
    expect(outbound?.clients.get('audit')?.authorizationServer.issuer).toBe(authorizationServer.issuer);
    expect(inbound?.issuers[0]?.authorizationServer.issuer).toBe(authorizationServer.issuer);
  });

  it('lets a target say more than its client, whose defaults it replaces field by field', () => {
    const { client: outbound } = resolve(
      withClient({
        scope: 'a b',
        audience: 'one',
        clients: { billing: { ...client, scope: ['z', 'y', 'z'] } },
        targets: { own: { ...target, audience: 'two' }, billing: { url: 'https://b.test', client: 'billing' } },
      }),
    );
    expect(outbound?.targets.map(({ request: { scope, audience } }) => ({ scope, audience }))).toEqual([
      { scope: ['a', 'b'], audience: 'two' },
      { scope: ['y', 'z'], audience: undefined },
    ]);
  });
});
