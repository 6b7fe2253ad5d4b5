import { isPromise } from 'node:util/types';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { checkNames } from '../validation/checks.js';
import { Problems } from '../validation/problems.js';

/** Makes the error of a factory that got a wrong option. */
export function authenticationError(option: string, problem: string, remedy: string): M2MConfigurationError {
  return new M2MConfigurationError({ option: `clientAuthentication.${option}`, problem, remedy });
}

/**
 * Checks that a factory got what it needs, and no misspelt options, which would do nothing.
 *
 * @throws M2MConfigurationError
 */
export function checkOptions(options: object, needed: readonly string[], others: readonly string[]): void {
  const problems = new Problems();
  checkNames(problems, 'clientAuthentication', options, [...needed, ...others]);
  for (const name of needed.filter((each) => (options as Readonly<Record<string, unknown>>)[each] === undefined)) {
    problems.add(`clientAuthentication.${name}`, 'is missing', `${name}: ...`);
  }
  problems.throwIfAny();
}

/** Checks that an option is no promise, which nobody would wait for. @throws M2MConfigurationError */
export function refusePromise(option: string, value: unknown, remedy: string): void {
  if (!isPromise(value)) return;
  // A rejection that nobody handles ends the process.
  value.catch(() => undefined);
  throw authenticationError(option, 'is a promise', remedy);
}

/** A path of a file with a usual ending. No key has a dot in it, so that none is taken for a path and shown. */
const PATH = /^(?:[a-z]:)?[\w .\\/-]*\.(?:pem|key|crt|cer|p8)$/i;

/**
 * Checks that an option holds what a file holds: neither the file's path nor a promise of its content.
 *
 * @throws M2MConfigurationError with the line to write
 */
export function checkContent(option: string, value: unknown): void {
  refusePromise(option, value, `${option}: () => readFile('client.pem'), a function`);
  if (typeof value !== 'string' || !PATH.test(value)) return;
  const problem = `is the path ${value}, not what the file holds`;
  throw authenticationError(option, problem, `${option}: readFileSync('${value}', 'utf8')`);
}
