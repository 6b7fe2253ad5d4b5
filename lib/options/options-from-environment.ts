import { identifiedLogger } from '../events/identified-logger.js';
import { LOG_IDS } from '../events/log-ids.js';
import type { Environment } from './environment-variables.js';
import type { M2MModuleOptions } from './module-options.js';
import { readEnvironment } from './read-environment.js';

let latest: M2MModuleOptions | undefined;

/**
 * The options that the `M2M_*` variables of an environment describe, to spread and to extend. An empty variable counts
 * as absent. If `M2M_PROVIDER` is absent, the authorization server is guessed from the issuer, and the guess is logged.
 *
 * The client secret is a function, so that nothing that prints the options prints it.
 *
 * @example M2MModule.forRoot({ ...optionsFromEnvironment(), http: { httpsAgent } })
 * @param environment the variables. Default: `process.env`
 * @throws M2MConfigurationError that lists every variable that is missing, malformed or unknown
 */
export function optionsFromEnvironment(environment: Environment = process.env): M2MModuleOptions {
  const { options, guess } = readEnvironment(environment);
  if (guess !== undefined) identifiedLogger('M2MModule').log(LOG_IDS.PROVIDER_GUESSED, guess);
  latest = options;
  return options;
}

/** The options that were read from an environment last; `undefined` if none were. */
export function latestFromEnvironment(): M2MModuleOptions | undefined {
  return latest;
}
