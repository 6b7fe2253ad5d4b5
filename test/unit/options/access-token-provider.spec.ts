import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { none } from '../../../lib/client-authentication/none.js';
import type { M2MClientOptions } from '../../../lib/options/client-options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { problemsOf } from '../../support/problems-of.js';

const accessTokenProvider = () => ({ accessToken: 'eyJ-secret' });
const authorizationServer = oidc({ issuer: 'https://id.example.com' });
const resolve = (client: M2MClientOptions) => resolveOptions({ client });

describe('accessTokenProvider', () => {
  it('needs no authorization server, and no id', () => {
    const { client } = resolve({ accessTokenProvider, audience: 'https://shop' });
    expect(client).toMatchObject({ accessTokenProvider, defaults: { audience: 'https://shop' } });
    expect(client).toMatchObject({
      authorizationServer: undefined,
      clientId: undefined,
      clientAuthentication: undefined,
    });
    expect(Object.isFrozen(client)).toBe(true);
    expect(inspect(client, { depth: 9 })).not.toContain('eyJ');
  });

  it('has nothing to do with the authorization server of the module, which other clients have', () => {
    const { client } = resolveOptions({
      authorizationServer,
      client: { accessTokenProvider, clients: { billing: { clientId: 'billing', clientSecret: 's' } } },
      resourceServer: { audience: 'https://orders' },
    });
    expect(client?.authorizationServer).toBeUndefined();
    expect(client?.clients.get('billing')?.authorizationServer?.issuer).toBe(authorizationServer.issuer);
  });

  it.each<[string, M2MClientOptions, string, string]>([
    [
      'clientId',
      { clientId: 'orders' },
      'accessTokenProvider gets the tokens',
      'no clientId beside accessTokenProvider',
    ],
    ['clientSecret', { clientSecret: 's' }, 'accessTokenProvider gets the tokens', 'no clientSecret beside'],
    ['clientAuthentication', { clientAuthentication: none() }, 'accessTokenProvider gets the tokens', 'no client'],
    ['authorizationServer', { authorizationServer }, 'accessTokenProvider gets the tokens', 'options of the module'],
    [
      'tokenStore',
      { tokenStore: new MemoryTokenStore(new TestClock()) },
      'tokens of accessTokenProvider stay in memory',
      'no tokenStore beside accessTokenProvider',
    ],
    ['organization', { organization: 'acme' }, 'not passed to accessTokenProvider', 'audience, resource or scope'],
    ['parameters', { parameters: { a: 'b' } }, 'not passed to accessTokenProvider', 'audience, resource or scope'],
  ])('is refused beside %s (claim 1.16)', (name, beside, problem, remedy) => {
    const own = problemsOf(() => resolve({ accessTokenProvider, ...beside }));
    expect(own).toMatchObject([{ option: `client.${name}` }]);
    expect(own[0]?.problem).toContain(problem);
    expect(own[0]?.remedy).toContain(remedy);
    const named = problemsOf(() =>
      resolve({ accessTokenProvider, clients: { cloud: { accessTokenProvider, ...beside } } }),
    );
    expect(named).toMatchObject([{ option: `client.clients.cloud.${name}` }]);
  });

  it('is a function', () => {
    const wrong = { accessTokenProvider: 'eyJ-secret' } as unknown as M2MClientOptions;
    const remedy = 'accessTokenProvider: async ({ audience, signal }) => ({ accessToken, expiresIn })';
    expect(problemsOf(() => resolve(wrong))).toEqual([
      { option: 'client.accessTokenProvider', problem: 'is a string, not a function', remedy },
    ]);
  });

  it.each([
    ['organization', { organization: 'acme' }],
    ['parameters', { parameters: { a: 'b' } }],
  ])('is not told the %s of a target', (name, beside) => {
    const targets = { shop: { url: 'https://shop.example.com', ...beside } };
    expect(problemsOf(() => resolve({ accessTokenProvider, targets }))).toMatchObject([
      { option: `client.targets.shop.${name}` },
    ]);
  });

  it('does not take the place of the clientId that a client without it needs', () => {
    expect(problemsOf(() => resolve({ authorizationServer, clientSecret: 's' }))).toEqual([
      { option: 'client.clientId', problem: 'is missing', remedy: "clientId: 'my-service'" },
    ]);
  });

  it('is nothing that a polluted Object.prototype holds (claim 6.2)', () => {
    Object.assign(Object.prototype, { accessTokenProvider });
    try {
      const client = { authorizationServer, clientId: 'orders', clientSecret: 's' };
      expect(resolve(client).client).toMatchObject({ clientId: 'orders' });
      expect(Object.hasOwn(resolve(client).client ?? {}, 'accessTokenProvider')).toBe(true);
      expect(resolve(client).client?.accessTokenProvider).toBeUndefined();
    } finally {
      Reflect.deleteProperty(Object.prototype, 'accessTokenProvider');
    }
  });
});
