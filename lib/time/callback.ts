import { CallbackError } from '../errors/callback.error.js';
import { classOf } from '../errors/class-of.js';
import { runOutsideRequests } from '../request-context/request-context.js';
import type { Clock } from './clock.js';
import { withTimeout } from './timeout.js';

/** What a function of the options did: it returned a value, or it failed with an error of a class. */
export type CallbackOutcome<T> =
  { readonly value: T; readonly failure: undefined } | { readonly value: undefined; readonly failure: string };

/**
 * Calls a function of the options, for no request. Of what it throws, only the class is kept: the rest may be secret.
 *
 * @param timeout milliseconds that it may take
 * @returns `undefined` if it takes longer
 */
export function callbackOutcome<T>(
  call: () => T | Promise<T>,
  timeout: number,
  clock: Clock,
): Promise<CallbackOutcome<T> | undefined> {
  const outcome = runOutsideRequests(() => Promise.resolve().then(call)).then(
    (value) => ({ value, failure: undefined }),
    (error: unknown) => ({ value: undefined, failure: classOf(error) }),
  );
  return withTimeout<CallbackOutcome<T>>(outcome, timeout, clock);
}

/**
 * Calls a function of the options, which must answer.
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
  const outcome = await callbackOutcome(call, timeout, clock);
  if (!outcome) throw new CallbackError(option, `did not answer in ${Math.ceil(timeout)} ms`);
  if (outcome.failure !== undefined) throw new CallbackError(option, `failed with ${outcome.failure}`);
  return outcome.value;
}
