import type { TokenParameters } from '../authorization-servers/authorization-server.js';
import { checkNames, isObject } from '../validation/checks.js';
import type { M2MTokenOptions } from './client-options.js';
import { describeValue, Problems } from '../validation/problems.js';
import { resolveTokenOptions, tokenOptionNames } from './resolve-token-options.js';

const names = [...tokenOptionNames, 'forceRenewal'];

/**
 * What one request asks for, over what its target or client asks for.
 *
 * @param more what the request may name beside that
 * @throws M2MConfigurationError for what is no request, an unknown name, and what could not stand in the options either
 */
export function requestedParameters(
  base: TokenParameters,
  request: M2MTokenOptions & { readonly signal?: unknown },
  more: readonly string[] = [],
): TokenParameters {
  const problems = new Problems();
  if (!isObject(request)) {
    const write = "m2m: { scope: 'read:products' }, or getToken({ scope: 'read:products' })";
    problems.add('request', describeValue(request), write);
    problems.throwIfAny();
  }
  checkNames(problems, 'request', request, [...names, ...more]);
  const { signal } = request;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    problems.add('request.signal', `${describeValue(signal)}, not an AbortSignal`, 'signal: AbortSignal.timeout(1000)');
  }
  const parameters = resolveTokenOptions(problems, '', base, request);
  problems.throwIfAny();
  return parameters;
}
