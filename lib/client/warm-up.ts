import type { ResolvedClientOptions } from '../options/resolved-options.js';
import type { TokenManager } from './tokens/token-manager.js';
import type { OAuthClient } from './clients/oauth-client.js';

/**
 * Acquires the tokens of clients whose `warmup` is not `off`: those of their targets, or without targets the client's. Those
 * that depend on a caller come with the first call.
 *
 * @throws the error of the token request of a client whose `warmup` is `required`
 */
export async function warmUp(
  options: ResolvedClientOptions,
  clientOf: (name: string | undefined) => Pick<OAuthClient, 'defaults' | 'parametersFor'> & {
    readonly manager: Pick<TokenManager, 'getAccessToken'>;
  },
): Promise<void> {
  const clients = [options, ...options.clients.values()].filter(({ warmup }) => warmup !== 'off');
  const warmed = clients.map(async (client) => {
    const oauthClient = clientOf(client.name);
    const targets = options.targets.filter((target) => target.client === client.name);
    const own = targets.filter(({ tokenChoice }) => tokenChoice === 'own');
    const ofTargets = own.map((target) => oauthClient.parametersFor(target));
    const wanted = targets.length > 0 ? ofTargets : [oauthClient.defaults];
    const tokens = Promise.all(wanted.map((parameters) => oauthClient.manager.getAccessToken(parameters)));
    if (client.warmup === 'required') await tokens;
    // A failure in the background was published as an event, and the first call tries again.
    else tokens.catch(() => undefined);
  });
  await Promise.all(warmed);
}
