import { hash } from 'node:crypto';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { TokenEndpointError } from '../errors/token-endpoint.error.js';
import { UpstreamError } from '../http/upstream.error.js';
import type { Clock } from '../time/clock.js';
import { withTimeout } from '../time/timeout.js';

/** Milliseconds between two calls of a function whose credential is refused. */
export const RECHECK_PAUSE = 5000;

/** A function of the options that returns what a client authenticates with: its secret, or a client assertion. */
export interface CredentialCallback {
  /** Whether `value` may repeat what the function returned before. If not, the function is called for every request. */
  readonly isCached: boolean;

  /**
   * The credential for the next token request.
   *
   * @param timeout milliseconds that the function may take
   * @throws TokenEndpointError if it fails or takes longer, M2MConfigurationError if it returns no text
   */
  value(timeout: number): Promise<string>;

  /**
   * Whether the function now returns another credential than the one that was refused.
   *
   * @param refused its fingerprint
   * @param timeout milliseconds that the function may take
   * @throws TokenEndpointError, M2MConfigurationError if there is nothing yet to compare it with
   */
  changedSince(refused: string, timeout: number): Promise<boolean>;
}

/** A few bits of a credential's hash: enough to tell two credentials apart, too few to find one. */
export function fingerprint(credential: string): string {
  return hash('sha256', credential).slice(0, 8);
}

/** An option that is a function and returns a credential. */
export interface CredentialOption {
  /** As messages call it. */
  readonly name: 'clientSecret' | 'clientAssertion';
  /** Its path in the options. */
  readonly option: string;
  /** The line to write if it returns no text. */
  readonly remedy: string;
  read(): unknown;
}

/**
 * Calls the function once.
 *
 * @throws TokenEndpointError if it fails, M2MConfigurationError if it returns no text
 */
export async function readCredential({ name, option, remedy, read }: CredentialOption): Promise<string> {
  let credential: unknown;
  try {
    credential = await read();
  } catch (error) {
    if (error instanceof M2MConfigurationError) throw error;
    throw failed('network', `the ${name} function failed with ${errorName(error)}`);
  }
  if (typeof credential === 'string' && credential !== '') return credential;
  const seen = credential === '' ? 'an empty string' : credential === null ? 'null' : typeof credential;
  throw new M2MConfigurationError({ option, problem: `is a function that returned ${seen}`, remedy });
}

/**
 * Waits for a call of the function.
 *
 * @param timeout milliseconds
 * @throws TokenEndpointError if it takes longer; what the call is rejected with
 */
export async function inTime(
  credential: Promise<string>,
  { name }: CredentialOption,
  timeout: number,
  clock: Clock,
): Promise<string> {
  const answer = await withTimeout(credential, timeout, clock);
  if (answer !== undefined) return answer;
  throw failed('timeout', `the ${name} function did not answer in ${Math.ceil(timeout)} ms`);
}

function failed(failure: 'network' | 'timeout', message: string): TokenEndpointError {
  return new TokenEndpointError(message, { cause: new UpstreamError(failure, message) });
}

/** Name and code of an error. Its message may hold what the function was about to read. */
function errorName(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}
