import type { AxiosRequestHeaders, InternalAxiosRequestConfig } from 'axios';
import type { Destination } from './destination.js';
import { dropTokenOutside } from './redirects.js';

/** Only Node's http adapter asks before it follows a redirect, so the fetch adapter is told to follow none. */
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
  // A spread with the fields in it would take several times as long.
  const sent = { ...config };
  sent.url = url.href;
  sent.allowAbsoluteUrls = true;
  sent.headers = withHeaders(config.headers, tokenHeaders);
  sent.beforeRedirect = dropTokenOutside(destination, tokenHeaders, config.beforeRedirect);
  sent.fetchOptions = config.fetchOptions ? { ...config.fetchOptions, ...MANUAL_REDIRECT } : MANUAL_REDIRECT;
  if (isLocal) sent.proxy = false;
  else if (http.proxy !== undefined) sent.proxy ??= http.proxy;
  if (http.httpAgent) sent.httpAgent ??= http.httpAgent;
  if (http.httpsAgent) sent.httpsAgent ??= http.httpsAgent;
  if (http.timeout) sent.timeout ||= http.timeout;
  return sent;
}

/** A copy with more headers. Axios has checked the others already, and would check them again. */
function withHeaders(headers: AxiosRequestHeaders, more: Readonly<Record<string, string>>): AxiosRequestHeaders {
  const copy = Object.create(Object.getPrototypeOf(headers) as object) as AxiosRequestHeaders;
  return Object.assign(copy, headers, more);
}
