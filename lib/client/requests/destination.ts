import type { AxiosRequestHeaders, InternalAxiosRequestConfig } from 'axios';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import { finalUrl } from './final-url.js';
import { dropTokenOutside } from './redirects.js';
import { findTarget, untrusted, whyUntrusted } from './target-matching.js';

/** Where a request that is to carry a token goes: to which target, and to which URL exactly. */
export interface Destination {
  readonly target: ResolvedTarget;
  readonly url: URL;
}

/** Only Node's http adapter asks before it follows a redirect, so the fetch adapter follows none. */
const MANUAL_REDIRECT = Object.freeze({ redirect: 'manual' });

/**
 * Finds the target that a request lies under; `undefined` where it carries no token.
 *
 * @param targets every target there is: a longer prefix wins, whoever it belongs to
 * @param mine those whose tokens are attached
 * @throws UntrustedTargetError where a token must not go along, although the URL or the request ask for it
 */
export function destinationOf(
  config: InternalAxiosRequestConfig,
  targets: readonly ResolvedTarget[],
  mine: (target: ResolvedTarget) => boolean,
): Destination | undefined {
  const { m2m } = config;
  if (m2m === false || config.auth || config.headers.has('authorization')) return undefined;
  const written = finalUrl(config);
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const target = url && findTarget(targets, url);
  if (!target || !mine(target)) {
    if (m2m === undefined) return undefined;
    const known = targets.filter(mine).map(({ name, origin, path }) => `${name} ${origin}${path}`);
    throw untrusted(
      url,
      `lies under no target (${known.join(', ') || 'none is configured'}), but m2m asks for a token`,
    );
  }
  const why = whyUntrusted(url, written) ?? whyLedElsewhere(config, url);
  if (why !== undefined) throw untrusted(url, why);
  return { target, url };
}

/** What of a request, beside its URL, leads it elsewhere than its URL says. */
function whyLedElsewhere(config: InternalAxiosRequestConfig, url: URL): string | undefined {
  const host = config.headers.get('host');
  if (host !== undefined && host !== null && host !== url.host) return 'would be sent with another Host header';
  if (config.socketPath) return 'would be sent to a socket (socketPath)';
  if (config.transport) return 'would be sent over a transport of its own (transport)';
  return undefined;
}

/**
 * The request as it is sent: with the token, to the URL that was judged.
 *
 * @param isLocal whether the target is on this machine, where no proxy may see the token
 */
export function withToken(
  config: InternalAxiosRequestConfig,
  { target, url }: Destination,
  targets: readonly ResolvedTarget[],
  isLocal: boolean,
  token: string,
): InternalAxiosRequestConfig {
  const { http } = target;
  // A spread with the fields in it would take several times as long.
  const sent = { ...config };
  sent.url = url.href;
  sent.allowAbsoluteUrls = true;
  sent.headers = withAuthorization(config.headers, `Bearer ${token}`);
  sent.beforeRedirect = dropTokenOutside(target, targets, config.beforeRedirect);
  sent.fetchOptions = config.fetchOptions ? { ...config.fetchOptions, ...MANUAL_REDIRECT } : MANUAL_REDIRECT;
  if (isLocal) sent.proxy = false;
  else if (http.proxy !== undefined) sent.proxy ??= http.proxy;
  if (http.httpAgent) sent.httpAgent ??= http.httpAgent;
  if (http.httpsAgent) sent.httpsAgent ??= http.httpsAgent;
  if (http.timeout) sent.timeout ||= http.timeout;
  return sent;
}

/** A copy, made without checking anew every header that Axios has checked already. */
function withAuthorization(headers: AxiosRequestHeaders, authorization: string): AxiosRequestHeaders {
  const copy = Object.create(Object.getPrototypeOf(headers) as object) as AxiosRequestHeaders;
  return Object.assign(copy, headers, { Authorization: authorization });
}
