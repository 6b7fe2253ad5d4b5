import type { TokenParameters } from '../authorization-servers/authorization-server.js';
import { isCallerToken } from '../caller/caller-token.js';
import { checkNames, checkObject, memberOf } from '../validation/checks.js';
import { readFields } from '../validation/fields.js';
import { describeValue, Problems } from '../validation/problems.js';
import type { M2MTokenOptions } from './client-options.js';
import { TOKEN_FIELDS } from './token-fields.js';
import { noParameters, tokenParameters } from './token-parameters.js';

const TOKEN_NAMES: ReadonlySet<string> = new Set(Object.keys(TOKEN_FIELDS));
/** What a request may name beside the fields of its token. */
const OTHER_NAMES = ['client', 'onBehalfOf', 'forceRenewal'];

/**
 * What one token is requested for: the fields of the request, and those of its target or client for the rest.
 *
 * @param more what the request may name beside that
 * @throws M2MConfigurationError for what is no request, an unknown name, and a value that no option may have
 */
export function requestedParameters(
  base: TokenParameters,
  request: M2MTokenOptions & { readonly onBehalfOf?: unknown; readonly signal?: unknown },
  more: readonly string[] = [],
): TokenParameters {
  const problems = new Problems();
  const remedy = "m2m: { scope: 'read:products' }, or getToken({ scope: 'read:products' })";
  if (!checkObject(problems, 'request', request, remedy)) problems.throwIfAny();
  checkNames(problems, 'request', request, [...TOKEN_NAMES, ...OTHER_NAMES, ...more]);
  if (Object.hasOwn(request, 'client') && memberOf(request as { client?: unknown }, 'client') === undefined) {
    const problem = 'is undefined, which names no client: the request would get the token of another';
    problems.add('request.client', problem, "client: 'billing', or no client at all for that of the target");
  }
  checkCaller(problems, request);
  checkSignal(problems, 'request.signal', memberOf(request, 'signal'));
  // Those of the base have their cache key already.
  const parameters = asksForToken(request)
    ? tokenParameters(base, readFields(problems, '', request, TOKEN_FIELDS))
    : base;
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

/** A request on behalf of somebody who is missing must not be made for somebody else. */
function checkCaller(problems: Problems, request: { readonly onBehalfOf?: unknown }): void {
  const caller = memberOf(request, 'onBehalfOf');
  if (isCallerToken(caller) || (caller === undefined && !Object.hasOwn(request, 'onBehalfOf'))) return;
  const problem =
    caller === undefined
      ? 'is undefined, which names no caller: the request would be made on behalf of another'
      : `${describeValue(caller)}, not the handle of a caller's token`;
  const remedy = 'onBehalfOf: token, with @CallerToken() token: CallerToken in the handler\nor no onBehalfOf at all';
  problems.add('request.onBehalfOf', problem, remedy);
}

function checkSignal(problems: Problems, option: string, signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  problems.add(option, `${describeValue(signal)}, not an AbortSignal`, 'signal: AbortSignal.timeout(1000)');
}

/**
 * A copy of what a request says about its token, for while its client is looked up: its owner may change it meanwhile, and
 * use it for another client.
 *
 * @param more what the request may name beside the fields of its token
 * @throws M2MConfigurationError as {@link requestedParameters}
 */
export function copyOfRequest<Request extends M2MTokenOptions>(
  request: Request,
  more: readonly string[] = [],
): Partial<Request> {
  const ofToken = requestedParameters(noParameters, request, more) as unknown as Readonly<Record<string, unknown>>;
  const names = [
    ...(asksForToken(request) ? TOKEN_NAMES : []),
    'onBehalfOf',
    'forceRenewal',
    'signal',
  ] as (keyof Request & string)[];
  const given = names
    .map((name) => [name, memberOf(request, name)] as const)
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, TOKEN_NAMES.has(name) ? ofToken[name] : value]),
  ) as Partial<Request>;
}

function asksForToken(request: object): boolean {
  return Object.keys(request).some((name) => TOKEN_NAMES.has(name));
}
