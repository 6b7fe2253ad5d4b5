import { describe, expect, it } from '@jest/globals';
import { OAuthClient } from '../../../../lib/client/clients/oauth-client.js';
import type { RejectedTokens } from '../../../../lib/client/requests/rejected-tokens.js';
import type { TokenManager } from '../../../../lib/client/tokens/token-manager.js';
import { auth0 } from '../../../../lib/authorization-servers/auth0.js';
import { resolveOptions } from '../../../../lib/options/resolve-options.js';
import type { ResolvedClient, ResolvedTarget } from '../../../../lib/options/resolved-options.js';

const { client } = resolveOptions({
  authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1' },
  client: {
    clientId: 'orders',
    clientSecret: 'secret',
    scope: 'a b',
    audience: 'one',
    clients: {
      billing: { clientId: 'billing', clientSecret: 'secret', scope: ['z', 'y', 'z'] },
      elsewhere: {
        authorizationServer: auth0({ domain: 'tenant.auth0.com' }),
        clientId: 'elsewhere',
        clientSecret: 'secret',
      },
    },
    targets: {
      shop: { url: 'https://shop.example', audience: 'two', usableBy: 'any-client' },
      stock: { url: 'https://stock.example', usableBy: 'any-client', resource: 'https://stock' },
    },
  },
});
const [shop, stock] = (client?.targets ?? []) as [ResolvedTarget, ResolvedTarget];
const working = (options = client as ResolvedClient) =>
  new OAuthClient(options, {} as TokenManager, () => ({}) as RejectedTokens);
const named = (name: string) => working(client?.clients.get(name));

describe('OAuthClient', () => {
  it('requests its own defaults for a target, and replaces field by field what the target says', () => {
    expect(working().parametersFor(shop)).toMatchObject({ scope: ['a', 'b'], audience: 'two' });
    expect(named('billing').parametersFor(shop)).toMatchObject({ scope: ['y', 'z'], audience: 'two' });
    expect(named('billing').parametersFor(stock)).toMatchObject({ resource: ['https://stock'], audience: undefined });
  });

  it('computes that once, so that the cache key is computed once, too', () => {
    const billing = named('billing');
    expect(billing.parametersFor(shop)).toBe(billing.parametersFor(shop));
    expect(billing.parametersFor(shop)).not.toBe(billing.parametersFor(stock));
  });

  it("says what its own authorization server does not take of another client's target", () => {
    expect(() => named('elsewhere').parametersFor(stock)).toThrow(
      /client\.targets\.stock\.resource .*\(for the client elsewhere\)/,
    );
    expect(named('elsewhere').parametersFor(shop)).toMatchObject({ audience: 'two' });
  });

  it('makes what replaces rejected tokens once, when it is needed', () => {
    let made = 0;
    const oauthClient = new OAuthClient(client as ResolvedClient, {} as TokenManager, () => {
      made += 1;
      return {} as RejectedTokens;
    });
    expect(made).toBe(0);
    expect(oauthClient.rejected).toBe(oauthClient.rejected);
    expect(made).toBe(1);
  });

  it('shares its rejected tokens with the clients that take its place, however often its defaults change', () => {
    const first = working();
    let last = first;
    for (let changes = 0; changes < 20_000; changes++) last = last.with(client as ResolvedClient);
    expect(last.rejected).toBe(first.rejected);
  });
});
