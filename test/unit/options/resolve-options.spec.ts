import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { clientSecretPost } from '../../../lib/client-authentication/client-secret-post.js';
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
const withServer = (more: object) => ({ authorizationServer: { ...authorizationServer, ...more }, client });
const withApi = (more: object) => ({ authorizationServer, resourceServer: { ...resourceServer, ...more } });
/** The path of what the client gets its tokens from. */
const server = 'client.authorizationServer';

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
  it.each([
    ['authorizationServer', { name: 'evil', issuer: 'https://evil.example.com' }],
    ['clientAuthentication', 5],
    ['clients', { evil: { clientId: 'evil', clientSecret: 'evil' } }],
    ['targets', { evil: { url: 'https://evil.example.com' } }],
  ])('reads nothing that a polluted Object.prototype holds: %s (claim 6.2)', (name, value) => {
    const clients = name === 'clients' ? undefined : { billing: client };
    const targets = name === 'targets' ? undefined : { shop: target };
    const introspection = { clientId: 'products', clientSecret: 'top-secret' };
    const options = {
      authorizationServer,
      client: { ...client, ...(clients && { clients }), ...(targets && { targets }) },
      resourceServer: { ...resourceServer, introspection },
    };
    const expected = inspect(resolve(options), { depth: 9 });
    Object.assign(Object.prototype, { [name]: value });
    try {
      expect(inspect(resolve(options), { depth: 9 })).toBe(expected);
    } finally {
      Reflect.deleteProperty(Object.prototype, name);
    }
  });

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
      targets: [
        {
          name: 'shop',
          origin: 'https://shop.example.com',
          path: '/api',
          rejectedWhen: 'auto',
          encodedSlashes: 'refuse',
          http: { timeout: 30_000 },
        },
      ],
    });
    expect(resolved.resourceServer).toMatchObject({
      issuers: [{ audience: ['https://products'], scopes: undefined, callers: 'machine' }],
      algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
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
    ['a misspelt field of the server', withServer({ tokenEndpont: 'https://id.test/token' }), `${server}.tokenEndpont`],
    ['a request format that is none', withServer({ requestFormat: 'JSON' }), `${server}.requestFormat`],
    ['an absent scope that is none', withServer({ absentScope: 'nothing' }), `${server}.absentScope`],
    ['an assertion audience that is no text', withServer({ assertionAudience: 5 }), `${server}.assertionAudience`],
    ['an issuer with a password', withServer({ issuer: 'https://a:top-secret@id.test' }), `${server}.issuer`],
    [
      'token parameters that are none',
      withServer({ tokenParameters: () => undefined }),
      `client.authorizationServer.tokenParameters`,
    ],
    [
      'token parameters that are a promise',
      withServer({ tokenParameters: () => Promise.resolve({}) }),
      `client.authorizationServer.tokenParameters`,
    ],
    ['an organization of which the standard knows nothing', withClient({ organization: 'a' }), 'client.organization'],
    ['a token store that is none', withClient({ tokenStore: { get: () => undefined } }), 'client.tokenStore'],
    [
      'a token store with half a lease',
      withClient({ tokenStore: { get() {}, set() {}, delete() {}, acquire: true } }),
      'client.tokenStore',
    ],
    [
      'a token store whose leases cannot be renewed',
      withClient({ tokenStore: { get() {}, set() {}, delete() {}, acquire() {}, renew: 500 } }),
      'client.tokenStore',
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
    [
      'a leeway in which the renewal lies',
      withClient({ renewal: { leeway: 60_000, ahead: 60_000 } }),
      'client.renewal.ahead',
    ],
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
      'a target with a wildcard',
      withClient({ targets: { shop: { url: 'https://*.shop.test' } } }),
      'client.targets.shop.url',
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
      'a negative timeout of a target',
      withClient({ targets: { shop: { ...target, http: { timeout: -1 } } } }),
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
    ...['orders', [], [1]].map((allowedClients): [string, unknown, string] => [
      `an unchecked audience with allowedClients: ${JSON.stringify(allowedClients)}`,
      withApi({ audience: null, allowedClients }),
      'resourceServer.allowedClients',
    ]),
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
      'a trusted issuer that is the primary, and writes another name into its tokens',
      withApi({
        trust: [
          {
            authorizationServer: { ...authorizationServer, acceptedIssuers: ['https://p.test'] },
            audience: 'a',
            scopes: ['a'],
          },
        ],
      }),
      'resourceServer.trust',
    ],
    [
      'a trusted issuer with the primary options',
      withApi({
        trust: [{ authorizationServer: { issuer: 'https://p.test' }, audience: 'a', scopes: ['a'], realm: 'x' }],
      }),
      'resourceServer.trust[0].realm',
    ],
    [
      'an authentication of the server that is a text',
      withServer({ clientAuthentication: 'none' }),
      `${server}.clientAuthentication`,
    ],
    ['a flag that is a text', withServer({ openToStrangers: 'true' }), `${server}.openToStrangers`],
    ['accepted issuers that are a text', withServer({ acceptedIssuers: 'https://id' }), `${server}.acceptedIssuers`],
    ['tokenParameters that are an object', withServer({ tokenParameters: {} }), `${server}.tokenParameters`],
    ['readClaims that are a text', withServer({ readClaims: 'x' }), `${server}.readClaims`],
    ['checkClaims that are true', withServer({ checkClaims: true }), `${server}.checkClaims`],
    ['wrongCredentials that are null', withServer({ wrongCredentials: null }), `${server}.wrongCredentials`],
    ['a client without options', withClient({ clients: { x: null } }), 'client.clients.x'],
    ['a list of clients', withClient({ clients: [client] }), 'client.clients'],
    ...['', 0, true, null, []].map((targets): [string, unknown, string] => [
      `targets: ${JSON.stringify(targets)}`,
      withClient({ targets }),
      'client.targets',
    ]),
    ...[null, '', 0, false, []].flatMap((half): [string, unknown, string][] => [
      [`client: ${JSON.stringify(half)}`, { authorizationServer, resourceServer, client: half }, 'client'],
      [`resourceServer: ${JSON.stringify(half)}`, { ...withClient({}), resourceServer: half }, 'resourceServer'],
    ]),
    ...['client_secret_post', clientSecretPost, {}, null, { method: 'client_secret_typo' }, { method: 'toString' }].map(
      (clientAuthentication): [string, unknown, string] => [
        `clientAuthentication: ${inspect(clientAuthentication)}`,
        withClient({ clientAuthentication }),
        'client.clientAuthentication',
      ],
    ),
    ['a parameter that JSON cannot hold', withClient({ parameters: { ttl: 1n } }), 'client.parameters.ttl'],
    ['trust that is an object', withApi({ trust: {} }), 'resourceServer.trust'],
    ['trust in nothing', withApi({ trust: [null] }), 'resourceServer.trust[0]'],
    ['one public controller', withApi({ publicControllers: class {} }), 'resourceServer.publicControllers'],
    ['a public controller by name', withApi({ publicControllers: ['Health'] }), 'resourceServer.publicControllers'],
    ...[true, [], null, ''].map((http): [string, unknown, string] => [
      `http: ${JSON.stringify(http)}`,
      { ...withClient({}), http },
      'http',
    ]),
    ...[
      true,
      null,
      'http://proxy:3128',
      {},
      { host: 'proxy' },
      { host: '', port: 1 },
      { host: 'proxy', port: '3128' },
    ].flatMap((proxy): [string, unknown, string][] => [
      [`proxy: ${JSON.stringify(proxy)}`, { ...withClient({}), http: { proxy } }, 'http.proxy'],
      [
        `proxy of a target: ${JSON.stringify(proxy)}`,
        withClient({ targets: { shop: { ...target, http: { proxy } } } }),
        'client.targets.shop.http.proxy',
      ],
    ]),
  ])('refuses %s', (_, options, option) => {
    const problems = problemsOf(options);
    expect(problems.map((problem) => problem.option)).toEqual([option]);
    expect(JSON.stringify(problems)).not.toContain('top-secret');
  });

  it.each([
    ['shop.test/api', 'https://shop.test/api'],
    ['localhost:3000', 'http://localhost:3000'],
    ['http://shop.test', 'https://shop.test'],
    ['https://a:top-secret@shop.test/?key=top-secret', 'https://shop.test/'],
    ['http://127.0.0.1:NaN', 'https://shop.example.com/api'],
  ])('tells what to write for the target %s', (url, remedy) => {
    const [problem] = problemsOf(withClient({ targets: { shop: { url } } }));
    expect(problem?.remedy).toBe(`url: '${remedy}'`);
    expect(JSON.stringify(problem)).not.toContain('top-secret');
  });

  it.each([
    ['http://id.test', 'https://id.test'],
    ['http://id.test/', 'https://id.test/'],
    ['https://a:top-secret@id.test', 'https://id.test'],
  ])('tells what to write for the issuer %s', (issuer, remedy) => {
    expect(problemsOf(withServer({ issuer }))).toMatchObject([{ remedy: `issuer: '${remedy}'` }]);
  });

  it.each([
    [clientSecretPost, 'is a function', 'clientAuthentication: clientSecretPost()'],
    ['client_secret_basic', 'is a string', 'clientAuthentication: clientSecretBasic()'],
    [
      { method: 'client_secret_typo' },
      "has the method 'client_secret_typo', which does not exist",
      'clientAuthentication: ',
    ],
    ['top-secret', 'is a string', 'clientAuthentication: '],
  ])('tells what to write for the authentication %p', (clientAuthentication, problem, remedy) => {
    const [found] = problemsOf(withClient({ clientAuthentication }));
    expect(found).toMatchObject({ problem, remedy: expect.stringContaining(remedy) });
    expect(JSON.stringify(found)).not.toContain('top-secret');
  });

  it.each([false, { host: 'proxy.test', port: 3128 }])('takes the proxy %j', (proxy) => {
    expect(resolve({ ...withClient({}), http: { proxy } }).http).toEqual({ proxy });
  });

  it.each(['EdDSA', 'Ed25519'])('takes the algorithm %s under both of its names', (name) => {
    const { resourceServer: inbound } = resolve(withApi({ algorithms: ['ES256', name] }));
    expect(inbound?.algorithms).toEqual(['ES256', 'EdDSA', 'Ed25519']);
  });

  it.each([
    [undefined, ['https://id.example.com']],
    [[], ['https://id.example.com']],
    [['https://id.example.com'], ['https://id.example.com']],
    [['https://old.example.com'], ['https://id.example.com', 'https://old.example.com']],
  ])('accepts the issuer itself beside acceptedIssuers: %j', (acceptedIssuers, accepted) => {
    const { client: resolved } = resolve(withServer({ acceptedIssuers }));
    expect(resolved?.authorizationServer?.acceptedIssuers).toEqual(accepted);
  });

  it('says which named client a target may mean', () => {
    const clients = Object.fromEntries(
      ['stock', 'billing', 'c3', 'c4', 'c5', 'c6'].map((clientId) => [clientId, { clientId, clientSecret: 'secret' }]),
    );
    const of = (name: unknown) => () =>
      resolveOptions(withClient({ clients, targets: { shop: { ...target, client: name } } }));
    expect(of('Biling')).toThrow(
      /targets\.shop\.client is 'Biling', which is no named client \(stock, billing, c3, c4, c5 and 1 more\)\n *write: client: 'billing'/,
    );
    expect(of('realm')).toThrow("write: client: 'stock'");
    expect(of(7)).toThrow('client.targets.shop.client is 7, which is no named client');
  });

  it('lists everything that is wrong, each with the line to write', () => {
    expect(() =>
      resolve({ client: { clientId: '', clientSecret: 'top-secret', timeout: '5s' }, resourceServer: {} }),
    ).toThrow(
      new M2MConfigurationError([
        {
          option: 'client.authorizationServer',
          problem: 'is missing',
          remedy: "authorizationServer: oidc({ issuer: 'https://id.example.com' })",
        },
        { option: 'client.clientId', problem: 'is an empty string', remedy: "clientId: 'my-service'" },
        {
          option: 'client.timeout',
          problem: 'is a string, not a whole number of at least 1',
          remedy: 'timeout: 10000',
        },
        {
          option: 'resourceServer.authorizationServer',
          problem: 'is missing',
          remedy: "authorizationServer: oidc({ issuer: 'https://id.example.com' })",
        },
        {
          option: 'resourceServer.audience',
          problem: 'is missing',
          remedy:
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
          throw new M2MConfigurationError([{ option: 'audience', problem: 'is missing', remedy: '', kind: 'missing' }]);
        if (audience === 'x')
          throw new M2MConfigurationError([{ option: 'audience', problem: 'is not understood', remedy: '' }]);
        return {};
      },
    };
    const places = (more: object) =>
      problemsOf({ authorizationServer: strict, client: { ...client, ...more } }).map(({ option }) => option);
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
    expect(outbound?.authorizationServer?.issuer).toBe(other.issuer);
    expect(outbound?.clients.get('billing')?.authorizationServer?.issuer).toBe(other.issuer);
    expect(outbound?.clients.get('audit')?.authorizationServer?.issuer).toBe(authorizationServer.issuer);
    expect(inbound?.issuers[0]?.authorizationServer.issuer).toBe(authorizationServer.issuer);
  });

  it('keeps apart what a target says and what its client says', () => {
    const { client: outbound } = resolve(
      withClient({
        scope: 'a b',
        audience: 'one',
        clients: { billing: { ...client, scope: ['z', 'y', 'z'] } },
        targets: { own: { ...target, audience: 'two' }, billing: { url: 'https://b.test', client: 'billing' } },
      }),
    );
    expect(outbound?.targets.map(({ client: name, usableBy, token }) => [name, usableBy, token.audience])).toEqual([
      [undefined, 'its-client', 'two'],
      ['billing', 'its-client', undefined],
    ]);
    expect(outbound?.clients.get('billing')?.defaults).toMatchObject({ scope: ['y', 'z'], audience: undefined });
  });
});
