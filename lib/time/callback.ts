import { CallbackError } from '../errors/callback.error.js';
import type { Clock } from './clock.js';
import { withTimeout } from './timeout.js';

/**
 * Calls a function of the options. Of what it throws, only the name of the class is told: the rest may be secret.
 *
 * @param option its path in the options
 * @param timeout milliseconds that it may take
 * @throws CallbackError if it throws, or takes longer
 */
export async function callBack<T>(
  option: string,
  call: () => T | Promise<T>,
  timeout: number,
  clock: Clock,
): Promise<T> {
  const outcome = Promise.resolve()
    .then(call)
    .then(
      (value) => ({ value }),
      (error: unknown) => ({ failure: error instanceof Error ? error.constructor.name : typeof error }),
    );
  const settled = await withTimeout(outcome, timeout, clock);
  if (!settled) throw new CallbackError(option, `did not answer in ${Math.ceil(timeout)} ms`);
  if ('failure' in settled) throw new CallbackError(option, `failed with ${settled.failure}`);
  return settled.value;
}
