import { ClientRequest } from 'node:http';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import type { Observation, TokenScheme } from './schemes/token-scheme.js';
import type { Destination } from './destination.js';
import { Readable } from 'node:stream';

/**
 * What a response means for the token of its request: the scheme reads it, and the target's `renewOn401` says which
 * rejections count.
 *
 * @param headers those that presented the token
 */
export function observeResponse(
  scheme: TokenScheme,
  { target, url }: Destination,
  headers: Readonly<Record<string, string>>,
  response: AxiosResponse,
): Observation {
  if (!carried(response.request, headers)) return observeElsewhere(response);
  return heeded(scheme.observe(url.origin, response), response, target.renewOn401);
}

function heeded(
  observed: Observation,
  { status }: AxiosResponse,
  renewOn401: ResolvedTarget['renewOn401'],
): Observation {
  if (observed === 'rejected' && renewOn401 === 'never') return 'unknown';
  return observed === 'unknown' && renewOn401 === 'any' && status === 401 ? 'rejected' : observed;
}

/** After redirects, the request that was answered may be one without the token. */
function carried(request: unknown, headers: Readonly<Record<string, string>>): boolean {
  if (!(request instanceof ClientRequest)) return true;
  return Object.entries(headers).every(([name, value]) => request.getHeader(name) === value);
}

/** Another place answered, because the target redirected there: only success tells something about the target. */
function observeElsewhere({ status }: AxiosResponse): Observation {
  return status < 400 ? 'accepted' : 'unknown';
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
