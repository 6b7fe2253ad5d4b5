import { finished, PassThrough, Readable } from 'node:stream';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';

/**
 * What is left of a request that carried a token. Node's own request object prints its headers, so it does not leave;
 * this stands in its place.
 */
export class SentRequest {
  constructor(
    readonly method: string,
    /** Where the response came from, after redirects. */
    readonly url: string,
  ) {}

  /** Where people look for it. */
  get res(): { readonly responseUrl: string } {
    return { responseUrl: this.url };
  }
}

/** The members of an AxiosError through which a token can be seen. */
interface RevealingError {
  config?: InternalAxiosRequestConfig;
  request?: unknown;
  response?: AxiosResponse;
  cause?: unknown;
}

/**
 * A response without any way to the request that carried the token.
 *
 * @param config the request as its caller made it
 */
export function sanitizeResponse(
  response: AxiosResponse,
  config: InternalAxiosRequestConfig,
  url: string,
): AxiosResponse {
  const sentTo: unknown = (response.request as { res?: { responseUrl?: unknown } } | undefined)?.res?.responseUrl;
  response.request = new SentRequest(String(config.method).toUpperCase(), typeof sentTo === 'string' ? sentTo : url);
  response.config = sanitizeConfig(config);
  if (response.data instanceof Readable) response.data = detachedStream(response.data, config, url);
  return response;
}

/** Cleans an error in place, so that it stays the one that Axios made. */
export function sanitizeError(error: unknown, config: InternalAxiosRequestConfig, url: string): unknown {
  if (typeof error !== 'object' || error === null) return error;
  const revealing = error as RevealingError;
  if (revealing.request) revealing.request = new SentRequest(String(config.method).toUpperCase(), url);
  const { response } = revealing;
  if (response && !(response.request instanceof SentRequest)) sanitizeResponse(response, config, url);
  if (revealing.config) revealing.config = sanitizeConfig(config);
  if (revealing.cause) sanitizeError(revealing.cause, config, url);
  return error;
}

/** What holds requests that are under way: agents their sockets, a stream where it is piped to. */
const revealing = ['httpAgent', 'httpsAgent', 'data'] as const;

/** A request's config of which neither `inspect` nor JSON shows what holds other requests; it can be sent again. */
export function sanitizeConfig(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  const hidden = revealing.filter((key) => isRevealing(key, config[key]));
  if (hidden.length === 0) return config;
  const presentable = { ...config };
  for (const key of hidden) {
    let value: unknown = config[key];
    const set = (next: unknown): void => void (value = next);
    Object.defineProperty(presentable, key, { get: () => value, set, enumerable: true, configurable: true });
  }
  const visible = Object.fromEntries(Object.entries(config).filter(([key]) => !hidden.some((name) => name === key)));
  return Object.defineProperty(presentable, 'toJSON', { value: () => visible, configurable: true });
}

function isRevealing(key: string, value: unknown): boolean {
  return typeof value === 'object' && value !== null && (key !== 'data' || 'pipe' in value);
}

/** The same bytes, without the way back to the request that a response stream of Node has. */
function detachedStream(source: Readable, config: InternalAxiosRequestConfig, url: string): Readable {
  const detached = new PassThrough();
  finished(source, { writable: false }, (error) => {
    if (error) detached.destroy(sanitizeError(error, config, url) as Error);
  });
  detached.once('close', () => source.destroy());
  return source.pipe(detached);
}
