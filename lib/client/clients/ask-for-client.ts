import type { M2MConfigurationError } from '../../errors/configuration.error.js';
import { hasCode } from '../../errors/has-code.js';
import type { FoundClientOptions, ResolvedClientResolver } from '../../options/resolved-options.js';
import { callBack } from '../../time/callback.js';
import type { Clock } from '../../time/clock.js';

/** Milliseconds that the function may take. */
const TIMEOUT = 5000;

/**
 * Asks the function of the options for a client.
 *
 * @returns `undefined` if there is none of that name
 * @throws CallbackError if the function fails, M2MConfigurationError if it returns what is no client
 */
export async function askForClient(
  name: string,
  resolver: ResolvedClientResolver,
  clock: Clock,
): Promise<FoundClientOptions | undefined> {
  const call = async () => {
    const answer = await resolver.resolve(name);
    return answer === undefined || answer === null ? undefined : described(name, answer, resolver);
  };
  const found = await callBack('client.clients', call, TIMEOUT, clock);
  if (hasCode(found, 'ERR_M2M_CONFIGURATION')) throw found;
  return found;
}

/** Getters of an answer may throw, too: only what is wrong with its fields is shown. */
function described(
  name: string,
  answer: unknown,
  resolver: ResolvedClientResolver,
): FoundClientOptions | M2MConfigurationError {
  try {
    return resolver.read(name, answer);
  } catch (error) {
    if (hasCode(error, 'ERR_M2M_CONFIGURATION')) return error;
    throw error;
  }
}
