import type { ResolvedClient, ResolvedClientOptions } from '../options/resolved-options.js';
import type { TokenSource } from './tokens/token-source.js';

/**
 * Fetches the tokens of the targets of each client whose `warmup` says so; where it has none, the token of the client.
 *
 * @throws what the token request of a client failed with whose `warmup` is `required`
 */
export async function warmUp(
  options: ResolvedClientOptions,
  sourceOf: (client: ResolvedClient) => TokenSource,
): Promise<void> {
  const clients = [options, ...options.clients.values()].filter(({ warmup }) => warmup !== 'off');
  const warmed = clients.map(async (client) => {
    const requests = options.targets
      .filter((target) => target.client.name === client.name)
      .map(({ request }) => request);
    const wanted = requests.length > 0 ? requests : [client.defaults];
    const tokens = Promise.all(wanted.map((parameters) => sourceOf(client).getAccessToken(parameters)));
    if (client.warmup === 'required') await tokens;
    // A failure in the background has been told as an event, and the first call tries again.
    else tokens.catch(() => undefined);
  });
  await Promise.all(warmed);
}
