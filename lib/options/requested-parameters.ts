import type { TokenParameters } from '../authorization-servers/authorization-server.js';
import type { M2MTokenOptions } from './client-options.js';
import { Problems } from './problems.js';
import { resolveTokenOptions } from './resolve-token-options.js';

/**
 * What one request asks for, over what its target or client asks for.
 *
 * @throws M2MConfigurationError for what could not stand in the options either
 */
export function requestedParameters(base: TokenParameters, request: M2MTokenOptions): TokenParameters {
  const problems = new Problems();
  const parameters = resolveTokenOptions(problems, '', base, request);
  problems.throwIfAny();
  return parameters;
}
