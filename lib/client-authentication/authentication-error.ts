import { M2MConfigurationError } from '../errors/configuration.error.js';

/** Makes the error of a factory that got a wrong option. */
export function authenticationError(option: string, problem: string, remedy: string): M2MConfigurationError {
  return new M2MConfigurationError({ option: `clientAuthentication.${option}`, problem, remedy });
}
