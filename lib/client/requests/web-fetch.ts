import { Readable } from 'node:stream';
import type { AxiosAdapter, AxiosRequestConfig, AxiosResponse } from 'axios';
import { isM2MError } from '../../errors/m2m.error.js';
import type { M2MRequestOptions } from './axios-request-config.js';
import { axios } from '../../http/axios.js';
import type { SentRequest } from './sanitize.js';

/** `fetch` allows a response no body with these. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);
const MAX_REDIRECTS = 20;

/**
 * `fetch` through Axios.
 *
 * A stream given as `init.body` is sent as it comes; any other body is read first, so that it has a length and can be
 * sent again.
 *
 * @throws TypeError when the request fails, as `fetch` does; the Axios error is its `cause`
 */
export async function webFetch(
  adapter: AxiosAdapter,
  input: string | URL | Request,
  init: RequestInit | undefined,
  m2m: M2MRequestOptions | undefined,
  ends: AbortSignal | undefined,
): Promise<Response> {
  const stream = isStream(init?.body);
  const request = new Request(input, stream ? { ...init, duplex: 'half' } : init);
  const signal = ends ? AbortSignal.any([request.signal, ends]) : request.signal;
  const response = await send(signal, {
    adapter,
    m2m,
    url: request.url,
    method: request.method,
    // Axios would name a type for a body that has none.
    headers: { accept: '*/*', 'content-type': false, ...Object.fromEntries(request.headers) },
    data: request.body && (stream ? Readable.fromWeb(request.body) : Buffer.from(await request.arrayBuffer())),
    responseType: 'stream',
    maxRedirects: request.redirect === 'follow' ? MAX_REDIRECTS : 0,
  });
  if (request.redirect === 'error' && response.status >= 300 && response.status < 400 && response.headers['location']) {
    response.data.resume();
    throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
  }
  return toWebResponse(response, request.url);
}

async function send(signal: AbortSignal, config: AxiosRequestConfig): Promise<AxiosResponse<Readable>> {
  try {
    // Without the defaults and interceptors that an application gives to Axios: fetch has none.
    return await new axios.Axios().request({ ...config, signal });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw isM2MError(error) ? error : new TypeError('fetch failed', { cause: error });
  }
}

function toWebResponse({ status, statusText, headers, data, request }: AxiosResponse<Readable>, url: string): Response {
  if (status < 200 || status > 599) {
    data.destroy();
    throw new TypeError('fetch failed', { cause: new Error(`the target answered with status ${status}`) });
  }
  const empty = WITHOUT_BODY.has(status);
  if (empty) data.resume();
  const response = new Response(empty ? null : Readable.toWeb(data), { status, statusText });
  for (const [name, value] of Object.entries(headers)) {
    for (const one of [value].flat()) response.headers.append(name, String(one));
  }
  const asked = withoutFragment(url);
  // Where no redirect is followed, nobody notes where the response came from.
  const { responseUrl = asked } = (request as Partial<SentRequest>).res ?? {};
  const answered = withoutFragment(responseUrl);
  return Object.defineProperties(response, { url: { value: answered }, redirected: { value: answered !== asked } });
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/s, '');
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
