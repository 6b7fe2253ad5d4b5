import { ClientRequest } from 'node:http';
import { Readable } from 'node:stream';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { Observation, TokenScheme } from './schemes/token-scheme.js';
import type { Destination } from './destination.js';

/**
 * What a response means for the token of its request: the scheme reads it, and the target's `renewOn401` says which
 * rejections count.
 *
 * @param headers those that presented the token
 */
export function observeResponse(
  scheme: TokenScheme,
  { target: { renewOn401 }, url }: Destination,
  headers: Readonly<Record<string, string>>,
  response: AxiosResponse,
): Observation {
  const { status } = response;
  // Another place answered, because the target redirected there: only success tells something about the target.
  if (!carried(response.request, headers)) return status < 400 ? 'accepted' : 'unknown';
  const observed = scheme.observe(url.origin, response);
  if (observed === 'rejected' && renewOn401 === 'never') return 'unknown';
  return observed === 'unknown' && renewOn401 === 'any' && status === 401 ? 'rejected' : observed;
}

/** After redirects, the request that was answered may be one without the token. */
function carried(request: unknown, headers: Readonly<Record<string, string>>): boolean {
  if (!(request instanceof ClientRequest)) return true;
  return Object.entries(headers).every(([name, value]) => request.getHeader(name) === value);
}

/** Whether a request can be sent once more. A stream is used up. */
export function isReplayable({ data }: InternalAxiosRequestConfig): boolean {
  const body: unknown = data;
  return typeof body !== 'object' || body === null || !('pipe' in body || Symbol.asyncIterator in body);
}

/** Closes the body of a response that nobody gets. The http adapter's streams are Node's, the fetch adapter's the web's. */
export function discard(data: unknown): void {
  if (data instanceof Readable) data.destroy();
  if (data instanceof ReadableStream) data.cancel().catch(() => undefined);
}
