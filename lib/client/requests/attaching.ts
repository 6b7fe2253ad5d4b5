import type { AxiosRequestHeaders, InternalAxiosRequestConfig, AxiosRequestConfig } from 'axios';
import { useDirectAgents } from '../../http/direct-agents.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import type { Destination } from './destination.js';
import { whyUntrusted } from './untrusted-url.js';

/** Only Node's http adapter asks before it follows a redirect, so the fetch adapter must follow none. */
const MANUAL_REDIRECT = Object.freeze({ redirect: 'manual' });

/**
 * The request as it is sent: with the token, and to the URL that was checked.
 *
 * @param tokenHeaders those that present the token
 */
export function attachToken(
  config: InternalAxiosRequestConfig,
  destination: Destination,
  tokenHeaders: Readonly<Record<string, string>>,
): InternalAxiosRequestConfig {
  const { url, isLocal, target } = destination;
  const { http } = target;
  const sent = copyOf(config);
  sent.url = url.href;
  sent.allowAbsoluteUrls = true;
  sent.headers = withHeaders(config.headers, tokenHeaders);
  sent.beforeRedirect = dropTokenOutside(destination, tokenHeaders, config.beforeRedirect);
  sent.fetchOptions = config.fetchOptions ? { ...config.fetchOptions, ...MANUAL_REDIRECT } : MANUAL_REDIRECT;
  if (isLocal) sent.proxy = false;
  else if (http.proxy !== undefined) sent.proxy ??= http.proxy;
  if (http.httpAgent) sent.httpAgent ??= http.httpAgent;
  if (http.httpsAgent) sent.httpsAgent ??= http.httpsAgent;
  if (sent.proxy === false) useDirectAgents(sent);
  if (http.timeout) sent.timeout ||= http.timeout;
  return sent;
}

/**
 * As in the configs that Axios makes, nothing on `Object.prototype` is a field of the request. V8 is slow with objects that
 * have no prototype at all. Some adapters of users ask for `hasOwnProperty`.
 */
const CONFIG_PROTOTYPE = Object.seal(
  Object.create(null, {
    __proto__: null,
    hasOwnProperty: { __proto__: null, value: Object.prototype.hasOwnProperty, writable: true },
  } as unknown as PropertyDescriptorMap),
) as object;

/** Key by key, because `Object.assign` takes five times as long from an object without a prototype. */
function copyOf(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  const copy = Object.create(CONFIG_PROTOTYPE) as Record<PropertyKey, unknown>;
  const fields = config as unknown as typeof copy;
  for (const name of Object.keys(config)) copy[name] = fields[name];
  for (const symbol of Object.getOwnPropertySymbols(config)) copy[symbol] = fields[symbol];
  return copy as unknown as InternalAxiosRequestConfig;
}

/** A copy with more headers. Axios has checked the others already, and would check them again. */
function withHeaders(headers: AxiosRequestHeaders, more: Readonly<Record<string, string>>): AxiosRequestHeaders {
  const copy = Object.create(Object.getPrototypeOf(headers) as object) as AxiosRequestHeaders;
  return Object.assign(copy, headers, more);
}

type BeforeRedirect = NonNullable<AxiosRequestConfig['beforeRedirect']>;

/**
 * Drops the token from a redirect that leaves its target, even to another path of the same host.
 *
 * @param tokenHeaders those that present the token
 * @param userHook runs first, so that the URL checked is the one that is requested
 */
export function dropTokenOutside(
  { target, targets }: Pick<Destination, 'target' | 'targets'>,
  tokenHeaders: Readonly<Record<string, string>>,
  userHook: BeforeRedirect | undefined,
): BeforeRedirect {
  return (options, response, request) => {
    userHook?.(options, response, request);
    const url = requestedUrl(options);
    if (url && targets.find(url) === target && !targets.findMisread(url, target) && isTrusted(url, options, target))
      return;
    const headers = options['headers'] as Record<string, unknown>;
    for (const name of Object.keys(tokenHeaders).flatMap((header) => namesOf(header, headers))) delete headers[name];
  };
}

/** Whether a redirected request goes where its URL says. The rules are those of the first request. */
function isTrusted(url: URL, { headers, socketPath }: Record<string, unknown>, target: ResolvedTarget): boolean {
  const sent = headers as Record<string, unknown>;
  const isElsewhere = Boolean(socketPath) || namesOf('host', sent).some((name) => sent[name] !== url.host);
  return !isElsewhere && whyUntrusted(url, url.href, target) === undefined;
}

/** The names under which a header is set, in any case. */
function namesOf(header: string, headers: Record<string, unknown>): string[] {
  const wanted = header.toLowerCase();
  return Object.keys(headers).filter((name) => name.toLowerCase() === wanted);
}

/** Where follow-redirects goes next: the fields that it connects with, not the `href` beside them. */
function requestedUrl(options: Record<string, unknown>): URL | undefined {
  const { protocol, hostname, port, path } = options as Record<string, string>;
  const host = hostname?.includes(':') ? `[${hostname}]` : hostname;
  const written = `${protocol}//${host}${port ? `:${port}` : ''}${path}`;
  return URL.canParse(written) ? new URL(written) : undefined;
}
