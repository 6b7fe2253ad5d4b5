import { M2MConfigurationError } from '../errors/configuration.error.js';

/** Makes the error of a factory that got a wrong option. */
export function authenticationError(option: string, problem: string, remedy: string): M2MConfigurationError {
  return new M2MConfigurationError({ option: `clientAuthentication.${option}`, problem, remedy });
}

/** A path of a file with a usual ending. No key has a dot in it, so that none is taken for a path and shown. */
const PATH = /^(?:\.{0,2}\/|[a-z]:\\)[\w .\\/-]*\.(?:pem|key|crt|cer|p8)$/i;

/**
 * Refuses the path of a file where its content belongs.
 *
 * @throws M2MConfigurationError with the path, and the line that reads the file
 */
export function refusePath(option: string, value: unknown): void {
  if (typeof value !== 'string' || !PATH.test(value)) return;
  const problem = `is the path ${value}, not what the file holds`;
  throw authenticationError(option, problem, `${option}: readFileSync('${value}', 'utf8')`);
}
