import { describe, expect, it } from '@jest/globals';
import type { TokenParameters } from '../../../lib/authorization-servers/authorization-server.js';
import type { ClientAuthenticator } from '../../../lib/client-authentication/client-authenticator.js';
import { requestedToken } from '../../../lib/client/events/requested-token.js';
import type { Grant } from '../../../lib/client/tokens/grants/grant.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { asking, clientTokenManager } from '../../support/client-token-manager.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { granted, ScriptedUpstream } from '../../support/scripted-upstream.js';

const parameters = asking({ audience: 'https://shop' });
const authorizationServer = { issuer: 'https://id.example.com', tokenEndpoint: 'https://id.example.com/token' };

/** A grant that no RFC knows. Its tokens belong to one process, and are not renewed ahead. */
const coinGrant = (request: TokenParameters): Grant => ({
  grantType: 'urn:example:coin',
  requested: requestedToken(request),
  renewsAhead: false,
  isShareable: false,
  parameters: () => ({ coin: 'heads', audience: request.audience }),
});

/** A client authentication that signs nothing, and names the client in a header. */
const badge: ClientAuthenticator<{ readonly method: 'badge'; readonly badge: string }> = {
  method: 'badge',
  example: "{ method: 'badge', badge: '...' }",
  needsSecret: false,
  sharesTokens: true,
  sharesFailures: true,
  thumbprint: ({ badge: text }) => text,
  authenticate:
    ({ authentication, clientId }) =>
    (_server, _client, _body, headers) =>
      headers.set('x-badge', `${clientId}:${authentication.badge}`),
};

describe('the pipeline of tokens', () => {
  it('requests tokens with a made-up grant', async () => {
    const clock = new TestClock();
    const upstream = new ScriptedUpstream(clock);
    const seams = { grantFor: coinGrant };
    const { manager } = clientTokenManager({ authorizationServer }, clock, upstream, seams);
    await manager.getAccessToken(parameters);
    expect(Object.fromEntries(upstream.requests[0]?.body ?? [])).toEqual({
      grant_type: 'urn:example:coin',
      coin: 'heads',
      audience: 'https://shop',
    });
  });

  it('keeps tokens of a grant that is not shareable out of the store, and renews them only when they are used up', async () => {
    const clock = new TestClock();
    const tokenStore = new MemoryTokenStore(clock);
    const upstream = new ScriptedUpstream(clock);
    const seams = { grantFor: coinGrant };
    const { manager } = clientTokenManager({ authorizationServer, tokenStore }, clock, upstream, seams);
    await manager.getAccessToken(parameters);
    await clock.advance(56_000);
    await manager.getAccessToken(parameters);
    await clock.advance(0);
    expect([upstream.requests.length, tokenStore.size]).toEqual([1, 0]);
    await clock.advance(4000);
    expect((await manager.getAccessToken(parameters)).value).toBe('t2');
  });

  it('authenticates a client with a made-up method', async () => {
    const clock = new TestClock();
    const upstream = new ScriptedUpstream(clock, () => granted('t'));
    const authenticators = { badge: badge as ClientAuthenticator };
    const clientAuthentication = { method: 'badge', badge: '7' };
    const { manager } = clientTokenManager({ authorizationServer }, clock, upstream, { authenticators }, (client) => ({
      ...client,
      clientAuthentication: clientAuthentication as unknown as typeof client.clientAuthentication,
      clientSecret: undefined,
    }));
    expect((await manager.getAccessToken(parameters)).value).toBe('t');
    expect(upstream.requests[0]?.headers.get('x-badge')).toBe('orders:7');
  });
});
