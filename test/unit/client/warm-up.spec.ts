import { describe, expect, it } from '@jest/globals';
import { warmUp } from '../../../lib/client/warm-up.js';
import { AccessToken } from '../../../lib/client/tokens/token/access-token.js';
import type { TokenParameters } from '../../../lib/authorization-servers/authorization-server.js';
import type { M2MClientOptions } from '../../../lib/options/client-options.js';
import type { RejectedTokens } from '../../../lib/client/requests/rejected-tokens.js';
import { tokenParameters } from '../../../lib/options/token-parameters.js';
import { asking } from '../../support/client-token-manager.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import type { ResolvedClientOptions, ResolvedTarget } from '../../../lib/options/resolved-options.js';

/** The scopes that are requested when a client warms up. */
async function warmed(options: Partial<M2MClientOptions>, isDown = false): Promise<string[]> {
  const { client } = resolveOptions({
    authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1' },
    client: { clientId: 'orders', clientSecret: 'secret', scope: 'own', ...options },
  });
  const requested: string[] = [];
  const manager = {
    ofNewCertificate: () => Promise.resolve(undefined),
    getAccessToken: async ({ scope }: TokenParameters) => {
      requested.push(...scope);
      if (isDown) throw new Error('the server is down');
      return new AccessToken('token', new Date(), scope);
    },
  };
  const rejected = {} as RejectedTokens;
  await warmUp(client as ResolvedClientOptions, (name) => {
    const defaults = (name === undefined ? client : client?.clients.get(name))?.defaults ?? asking();
    const parametersFor = ({ token }: ResolvedTarget) => tokenParameters(defaults, token);
    return { name, manager, rejected, defaults, parametersFor };
  });
  return requested;
}

const targets = {
  shop: { url: 'https://shop.example', scope: 'shop' },
  bills: { url: 'https://bills.example', client: 'billing' },
};
const billing = { clientId: 'billing', clientSecret: 'secret', scope: 'bills' };

describe('warmUp', () => {
  it('fetches nothing by default', async () => {
    await expect(warmed({ targets, clients: { billing } })).resolves.toEqual([]);
  });

  it('fetches the tokens of the targets of a client', async () => {
    await expect(warmed({ targets, clients: { billing }, warmup: 'background' })).resolves.toEqual(['shop']);
    const clients = { billing: { ...billing, warmup: 'required' as const } };
    await expect(warmed({ targets, clients })).resolves.toEqual(['bills']);
  });

  it('fetches the token of a client without targets', async () => {
    await expect(warmed({ warmup: 'required' })).resolves.toEqual(['own']);
  });

  it('fails with a token that is required, and with no other', async () => {
    await expect(warmed({ warmup: 'required' }, true)).rejects.toThrow('the server is down');
    await expect(warmed({ warmup: 'background' }, true)).resolves.toEqual(['own']);
  });
});
