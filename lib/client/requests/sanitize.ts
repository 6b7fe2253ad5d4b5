import { finished, PassThrough, Readable } from 'node:stream';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { sanitizeConfig } from './sanitize-config.js';
import { SentRequest } from './sent-request.js';

/** The members of an AxiosError through which a token can be seen. */
interface RevealingError {
  config?: InternalAxiosRequestConfig;
  request?: unknown;
  response?: AxiosResponse;
  cause?: unknown;
}

/**
 * Cleans a response in place: nothing leads from it to the request that carried the token.
 *
 * @param config the request as its caller made it
 * @param url where it was sent
 */
export function sanitizeResponse(
  response: AxiosResponse,
  config: InternalAxiosRequestConfig,
  url: string,
): AxiosResponse {
  const answered: unknown = (response.request as { res?: { responseUrl?: unknown } } | undefined)?.res?.responseUrl;
  response.request = sentRequest(config, typeof answered === 'string' ? answered : url);
  response.config = sanitizeConfig(config);
  if (response.data instanceof Readable) response.data = detachedStream(response.data, config, url);
  return response;
}

/**
 * Cleans an error in place, with its response and its causes, so that it stays the one that Axios made.
 *
 * @param config the request as its caller made it
 * @param url where it was sent
 */
export function sanitizeError(error: unknown, config: InternalAxiosRequestConfig, url: string): unknown {
  if (typeof error !== 'object' || error === null) return error;
  const revealing = error as RevealingError;
  if (revealing.request) revealing.request = sentRequest(config, url);
  const { response } = revealing;
  if (response && !(response.request instanceof SentRequest)) sanitizeResponse(response, config, url);
  if (revealing.config) revealing.config = sanitizeConfig(config);
  if (revealing.cause) sanitizeError(revealing.cause, config, url);
  return error;
}

function sentRequest({ method }: InternalAxiosRequestConfig, url: string): SentRequest {
  return new SentRequest(String(method).toUpperCase(), url);
}

/** The same bytes in another stream: a response stream of Node knows its request. */
function detachedStream(source: Readable, config: InternalAxiosRequestConfig, url: string): Readable {
  const detached = new PassThrough();
  finished(source, { writable: false }, (error) => {
    if (error) detached.destroy(sanitizeError(error, config, url) as Error);
  });
  detached.once('close', () => source.destroy());
  return source.pipe(detached);
}
