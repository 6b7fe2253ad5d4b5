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
    /** The URL that was requested last, after redirects. */
    readonly url: string,
    /** Whether the connection had carried a request before: one that the server closed meanwhile is a reason to try again. */
    readonly reusedSocket?: boolean,
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
  response.request = sentRequest(response.request, config, url);
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
  const { request, response } = revealing;
  if (request) revealing.request = sentRequest(request, config, url);
  if (response && !(response.request instanceof SentRequest)) sanitizeResponse(response, config, url);
  if (revealing.config) revealing.config = sanitizeConfig(config);
  if (revealing.cause) sanitizeError(revealing.cause, config, url);
  return error;
}

/** As much of a request of Node, and of one of follow-redirects, as is shown. */
interface NodeRequest {
  readonly reusedSocket?: boolean;
  readonly res?: { readonly responseUrl?: string };
  readonly _currentUrl?: string;
  readonly _currentRequest?: { readonly reusedSocket?: boolean };
}

function sentRequest(request: unknown, { method }: InternalAxiosRequestConfig, url: string): SentRequest {
  if (request instanceof SentRequest) return request;
  const { res, reusedSocket, _currentUrl, _currentRequest } = (request ?? {}) as NodeRequest;
  const last = res?.responseUrl ?? _currentUrl ?? url;
  return new SentRequest(String(method).toUpperCase(), last, reusedSocket ?? _currentRequest?.reusedSocket);
}

/** What a response of Node tells beside its body, if nothing stands between: the adapter may decompress it. */
const VISIBLE = [
  'statusCode',
  'statusMessage',
  'httpVersion',
  'headers',
  'headersDistinct',
  'rawHeaders',
  'trailers',
  'trailersDistinct',
  'rawTrailers',
  'complete',
  'responseUrl',
] as const;

/** The same bytes in another stream: a response stream of Node knows its request. */
function detachedStream(source: Readable, config: InternalAxiosRequestConfig, url: string): Readable {
  const detached = new PassThrough();
  // A stream of Node's http ends no process if it fails before anybody listens.
  detached.on('error', () => undefined);
  finished(source, { writable: false }, (error) => {
    if (error) detached.destroy(sanitizeError(error, config, url) as Error);
  });
  detached.once('close', () => source.destroy());
  for (const name of VISIBLE.filter((each) => each in source)) {
    // Trailers come after the body, and `complete` changes.
    const get = (): unknown => (source as unknown as Record<string, unknown>)[name];
    Object.defineProperty(detached, name, { get, enumerable: true, configurable: true });
  }
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
