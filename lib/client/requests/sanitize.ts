import { finished, PassThrough, Readable } from 'node:stream';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';

/**
 * What a response tells of its request. Node's own request object prints its headers, and the token with them, so this
 * one takes its place.
 */
export class SentRequest {
  constructor(
    /** In upper case. */
    readonly method: string,
    /** The URL that answered, after redirects. */
    readonly url: string,
  ) {}

  /** The same URL in the place that Axios's users know. */
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

/** Fields through which other requests can be seen: agents hold sockets, and a stream knows its destination. */
const REVEALING = ['httpAgent', 'httpsAgent', 'data'] as const;

/** A request's config that can be sent again, and of which neither `inspect` nor JSON shows other requests. */
export function sanitizeConfig(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  const hidden = REVEALING.filter((name) => isRevealing(name, config[name]));
  if (hidden.length === 0) return config;
  const sanitized = { ...config };
  for (const name of hidden) {
    let value: unknown = config[name];
    const set = (next: unknown): void => void (value = next);
    Object.defineProperty(sanitized, name, { get: () => value, set, enumerable: true, configurable: true });
  }
  const visible = Object.fromEntries(Object.entries(config).filter(([name]) => !hidden.some((key) => key === name)));
  return Object.defineProperty(sanitized, 'toJSON', { value: () => visible, configurable: true });
}

function isRevealing(name: string, value: unknown): boolean {
  return typeof value === 'object' && value !== null && (name !== 'data' || 'pipe' in value);
}
