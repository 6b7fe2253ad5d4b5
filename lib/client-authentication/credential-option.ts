import { types } from 'node:util';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { TokenEndpointError } from '../errors/token-endpoint.error.js';
import { hasCode } from '../errors/has-code.js';
import { UpstreamError } from '../http/upstream.error.js';
import type { Clock } from '../time/clock.js';
import { withTimeout } from '../time/timeout.js';

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
    if (hasCode(error, 'ERR_M2M_CONFIGURATION')) throw error;
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

/** Name and code of an error, and the path of a file. Its message may hold what the function was about to read. */
function errorName(error: unknown): string {
  // Under Jest the errors of Node come from another realm.
  if (!(error instanceof Error || types.isNativeError(error))) return typeof error;
  const { code, path } = error as NodeJS.ErrnoException;
  const named = typeof code === 'string' ? `${error.name} ${code}` : error.name;
  return isFileSystemError(error) ? `${named}: ${path}` : named;
}

/** An error of `node:fs` names the file in `path`; other errors may have anything there. */
function isFileSystemError({ errno, syscall, path }: NodeJS.ErrnoException): boolean {
  const isOfSystem = typeof errno === 'number' && typeof syscall === 'string';
  return isOfSystem && FILE_CALLS.has(syscall) && typeof path === 'string';
}

const FILE_CALLS = new Set(['access', 'open', 'read', 'stat', 'lstat', 'realpath', 'readlink']);
