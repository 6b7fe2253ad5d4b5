import type { ResolvedClient, ResolvedClientOptions } from '../options/resolved-options.js';
import type { TokenManager } from './tokens/token-manager.js';

/**
 * Fetches the tokens of clients whose `warmup` is not `off`: those of their targets, or without targets the client's.
 *
 * @throws the error of the token request of a client whose `warmup` is `required`
 */
export async function warmUp(
  options: ResolvedClientOptions,
  managerOf: (client: ResolvedClient) => Pick<TokenManager, 'getAccessToken'>,
): Promise<void> {
  const clients = [options, ...options.clients.values()].filter(({ warmup }) => warmup !== 'off');
  const warmed = clients.map(async (client) => {
    const targets = options.targets.filter((target) => target.client.name === client.name);
    const wanted = targets.length > 0 ? targets.map(({ request }) => request) : [client.defaults];
    const tokens = Promise.all(wanted.map((parameters) => managerOf(client).getAccessToken(parameters)));
    if (client.warmup === 'required') await tokens;
    // A failure in the background was published as an event, and the first call tries again.
    else tokens.catch(() => undefined);
  });
  await Promise.all(warmed);
}
