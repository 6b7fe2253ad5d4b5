import type { Clock } from '../time/clock.js';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { TokenEndpointError } from '../errors/token-endpoint.error.js';
import { UpstreamError } from '../http/upstream.error.js';
import { withTimeout } from '../time/timeout.js';
import { errorName } from './error-name.js';

/** A function of the options that gives a text which nobody else may see. */
export interface CredentialCallback {
  /** As messages call it. */
  readonly name: 'clientSecret' | 'clientAssertion';
  /** Where in the options it is. */
  readonly option: string;
  /** What to write instead of one that returns something else. */
  readonly remedy: string;
  read(): unknown;
}

/** @throws TokenEndpointError where the function fails, M2MConfigurationError where it returns no text */
export async function ask({ name, option, remedy, read }: CredentialCallback): Promise<string> {
  let text: unknown;
  try {
    text = await read();
  } catch (error) {
    if (error instanceof M2MConfigurationError) throw error;
    // Its message is not repeated: it may hold what the function was about to fetch.
    throw failed('network', `the ${name} function failed with ${errorName(error)}`);
  }
  if (typeof text === 'string' && text !== '') return text;
  const problem = text === '' ? 'an empty string' : text === null ? 'null' : typeof text;
  throw new M2MConfigurationError([{ option, problem: `is a function that returned ${problem}`, remedy }]);
}

/** An answer that nobody waits for any longer than `patience` milliseconds. @throws TokenEndpointError where it takes longer */
export async function inTime(
  answer: Promise<string>,
  name: CredentialCallback['name'],
  patience: number,
  clock: Clock,
): Promise<string> {
  const text = await withTimeout(answer, patience, clock);
  if (text !== undefined) return text;
  throw failed('timeout', `the ${name} function did not answer in ${Math.ceil(patience)} ms`);
}

function failed(failure: 'network' | 'timeout', message: string): TokenEndpointError {
  return new TokenEndpointError(message, { cause: new UpstreamError(failure, message) });
}
