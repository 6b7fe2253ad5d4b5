import { classOf } from '../errors/class-of.js';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { TokenEndpointError } from '../errors/token-endpoint.error.js';
import { hasCode } from '../errors/has-code.js';
import { UpstreamError } from '../http/upstream.error.js';
import type { Clock } from '../time/clock.js';
import { withTimeout } from '../time/timeout.js';
import { fingerprint } from './credential-callback.js';

/** An option that is a function and returns a credential, or several that return its parts. */
export interface CredentialOption<Credential = string> {
  /** As messages call it. */
  readonly name: string;
  /** Whether several functions return it: a part may be newer than another one. */
  readonly hasParts: boolean;
  /** Calls the function. @throws TokenEndpointError if it fails */
  read(): Promise<unknown>;
  /**
   * Makes the credential of what the function returned.
   *
   * @param now milliseconds since the epoch
   * @throws M2MConfigurationError if it is none
   */
  parse(value: unknown, now: number): Credential;
  /** SHA-256 of the public part, if there is one. */
  thumbprint?(credential: Credential): string;
  /** A few bits that tell it from others. */
  fingerprint(credential: Credential): string;
}

/**
 * An option that is a function and returns a text.
 *
 * @param place where it is, and the line to write if it returns none
 */
export function textOption(
  name: 'clientSecret' | 'clientAssertion',
  place: { readonly option: string; readonly remedy: string },
  read: () => unknown,
): CredentialOption {
  const parse = (value: unknown): string => {
    if (typeof value === 'string' && value !== '') return value;
    const seen = value === '' ? 'an empty string' : value === null ? 'null' : typeof value;
    throw new M2MConfigurationError({ ...place, problem: `is a function that returned ${seen}` });
  };
  return { name, hasParts: false, read: () => callFunction(name, read), parse, fingerprint };
}

/**
 * Calls a function of the options that returns a credential or a part of it.
 *
 * @throws TokenEndpointError if it fails
 */
export async function callFunction<T>(name: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (hasCode(error, 'ERR_M2M_CONFIGURATION')) throw error;
    throw failed('network', `the ${name} function failed with ${errorName(error)}`);
  }
}

/**
 * Reads the credential once. Parts that do not fit are read once more: they may have been read while they were replaced.
 *
 * @throws TokenEndpointError if a function fails, M2MConfigurationError if there is no credential
 */
export async function readCredential<T>(option: CredentialOption<T>, clock: Pick<Clock, 'wall'>): Promise<T> {
  const value = await option.read();
  try {
    return option.parse(value, clock.wall());
  } catch (error) {
    if (!option.hasParts) throw error;
  }
  return option.parse(await option.read(), clock.wall());
}

/**
 * Waits for a call of the function.
 *
 * @param timeout milliseconds
 * @throws TokenEndpointError if it takes longer; what the call is rejected with
 */
export async function inTime<T>(
  credential: Promise<T>,
  { name }: Pick<CredentialOption, 'name'>,
  timeout: number,
  clock: Clock,
): Promise<T> {
  const answer = await withTimeout(credential, timeout, clock);
  if (answer !== undefined) return answer;
  throw failed('timeout', `the ${name} function did not answer in ${Math.ceil(timeout)} ms`);
}

function failed(failure: 'network' | 'timeout', message: string): TokenEndpointError {
  return new TokenEndpointError(message, { cause: new UpstreamError(failure, message) });
}

/** Class and code of an error, and the path of a file. The rest may hold what the function was about to read. */
function errorName(error: unknown): string {
  const name = classOf(error);
  try {
    const { code, path } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string' || !CODE.test(code)) return name;
    return isFileSystemError(error as NodeJS.ErrnoException) ? `${name} ${code}: ${path}` : `${name} ${code}`;
  } catch {
    // It is `null`, or its members cannot be read.
    return name;
  }
}

/** A code as Node writes them: `ENOENT`, `ERR_INVALID_URL`. */
const CODE = /^E[A-Z0-9_]{1,60}$/;

/** An error of `node:fs` names the file in `path`; other errors may have anything there. */
function isFileSystemError({ errno, syscall, path }: NodeJS.ErrnoException): boolean {
  const isOfSystem = typeof errno === 'number' && typeof syscall === 'string';
  return isOfSystem && FILE_CALLS.has(syscall) && typeof path === 'string';
}

const FILE_CALLS = new Set(['access', 'open', 'read', 'stat', 'lstat', 'realpath', 'readlink']);
