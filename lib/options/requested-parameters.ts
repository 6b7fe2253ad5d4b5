import type { TokenParameters } from '../authorization-servers/authorization-server.js';
import { checkNames, checkObject, memberOf } from '../validation/checks.js';
import { readFields } from '../validation/fields.js';
import { describeValue, Problems } from '../validation/problems.js';
import type { M2MTokenOptions } from './client-options.js';
import { TOKEN_FIELDS } from './token-fields.js';
import { tokenParameters } from './token-parameters.js';

const TOKEN_NAMES: ReadonlySet<string> = new Set(Object.keys(TOKEN_FIELDS));
/** What a request may name beside the fields of its token. */
const OTHER_NAMES = ['client', 'forceRenewal'];

/**
 * What one token is requested for: the fields of the request, and those of its target or client for the rest.
 *
 * @param more what the request may name beside that
 * @throws M2MConfigurationError for what is no request, an unknown name, and a value that no option may have
 */
export function requestedParameters(
  base: TokenParameters,
  request: M2MTokenOptions & { readonly signal?: unknown },
  more: readonly string[] = [],
): TokenParameters {
  const problems = new Problems();
  const remedy = "m2m: { scope: 'read:products' }, or getToken({ scope: 'read:products' })";
  if (!checkObject(problems, 'request', request, remedy)) problems.throwIfAny();
  checkNames(problems, 'request', request, [...TOKEN_NAMES, ...OTHER_NAMES, ...more]);
  checkSignal(problems, 'request.signal', memberOf(request, 'signal'));
  // Those of the base have their cache key already.
  const asksForMore = Object.keys(request).some((name) => TOKEN_NAMES.has(name));
  const parameters = asksForMore ? tokenParameters(base, readFields(problems, '', request, TOKEN_FIELDS)) : base;
  problems.throwIfAny();
  return parameters;
}

/**
 * The signal that closes a kept token.
 *
 * @throws M2MConfigurationError for an unknown name, and for what is no signal
 */
export function closingSignal(options: { readonly signal?: AbortSignal | undefined }): AbortSignal | undefined {
  const problems = new Problems();
  const signal = memberOf(options, 'signal');
  checkNames(problems, 'options', options, ['signal']);
  checkSignal(problems, 'options.signal', signal);
  problems.throwIfAny();
  return signal;
}

function checkSignal(problems: Problems, option: string, signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  problems.add(option, `${describeValue(signal)}, not an AbortSignal`, 'signal: AbortSignal.timeout(1000)');
}
