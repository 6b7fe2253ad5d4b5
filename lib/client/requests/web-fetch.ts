import { Readable } from 'node:stream';
import type { AxiosAdapter, AxiosRequestConfig, AxiosResponse } from 'axios';
import { isM2MError } from '../../errors/m2m.error.js';
import { axios } from '../../http/axios.js';
import { abortable } from '../../time/timeout.js';
import type { M2MRequestOptions } from './axios-request-config.js';
import { PendingBody } from './pending-body.js';
import { toWebResponse } from './web-response.js';

const MAX_REDIRECTS = 20;

/**
 * `fetch` through Axios.
 *
 * A stream given as `init.body` is sent as it comes; any other body is read first, so that it has a length and can be
 * sent again.
 *
 * @param adapter puts the token on
 * @param end ends the request, as `init.signal` does
 * @throws TypeError if the request fails, as `fetch` does; the Axios error is its `cause`
 */
export async function webFetch(
  adapter: AxiosAdapter,
  input: string | URL | Request,
  init: RequestInit | undefined,
  m2m: M2MRequestOptions | undefined,
  end: AbortSignal | undefined,
): Promise<Response> {
  const body: unknown = init?.body;
  const hasStream = isStream(body);
  const request = new Request(input, hasStream ? { ...init, duplex: 'half' } : init);
  const signal = end ? AbortSignal.any([request.signal, end]) : request.signal;
  const stream = hasStream && request.body ? toReadable(body, request.body) : undefined;
  const response = await send(signal, stream, async () => ({
    adapter,
    m2m,
    url: request.url,
    method: request.method,
    // Axios would name a type for a body that has none.
    headers: { accept: '*/*', 'content-type': false, ...Object.fromEntries(request.headers) },
    data: stream ?? (request.body && Buffer.from(await abortable(request.arrayBuffer(), signal))),
    responseType: 'stream',
    maxRedirects: request.redirect === 'follow' ? MAX_REDIRECTS : 0,
  }));
  if (request.redirect === 'error' && response.status >= 300 && response.status < 400 && response.headers['location']) {
    response.data.destroy();
    throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
  }
  return toWebResponse(response, request.url, signal);
}

/** @param stream the body, if it is a stream */
async function send(
  signal: AbortSignal,
  stream: Readable | undefined,
  configure: () => Promise<AxiosRequestConfig>,
): Promise<AxiosResponse<Readable>> {
  const body = PendingBody.of(stream);
  try {
    const config = await configure();
    // A bare instance has none of the defaults and interceptors that an application gives to Axios: fetch has none.
    return await new axios.Axios().request({ ...config, signal });
  } catch (error) {
    body?.abandon();
    stream?.destroy();
    if (signal.aborted) throw signal.reason;
    throw isM2MError(error) ? error : new TypeError('fetch failed', { cause: error });
  } finally {
    body?.release();
  }
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

/** A stream of Node is sent itself: as a stream of the web its errors would be seen too late, and would end the process. */
function toReadable(body: unknown, web: ReadableStream<Uint8Array>): Readable {
  return body instanceof Readable ? body : Readable.fromWeb(web);
}
