import { Stream } from 'node:stream';
import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { axios } from '../../http/axios.js';
import { sanitizeConfig } from './sanitize.js';

/** As much of a stream as its observer needs. Streams of the old kind have neither `destroyed` nor `errored`. */
type BodyStream = Pick<NodeJS.EventEmitter, 'on' | 'off'> & {
  readonly destroyed?: boolean;
  readonly readableEnded?: boolean;
  readonly errored?: Error | null;
};

const ignore = (): void => undefined;

/**
 * A stream that is to be sent, while its request waits for a token. Until an adapter reads the stream nobody else listens
 * to it: an error would end the process, and a request with a stream that was closed would never end.
 */
export class PendingBody {
  readonly #stream: BodyStream | undefined;
  readonly #web: ReadableStream | undefined;
  #error: unknown;
  #isClosed: boolean;
  #isHandedOver = false;
  #end: () => void = ignore;

  /** The body of a request, if it is a stream. */
  static of(data: unknown): PendingBody | undefined {
    if (typeof data !== 'object' || data === null) return undefined;
    if (data instanceof ReadableStream) return new PendingBody(undefined, data);
    const isStream = data instanceof Stream || ('pipe' in data && 'on' in data && 'off' in data);
    return isStream ? new PendingBody(data as BodyStream, undefined) : undefined;
  }

  private constructor(stream: BodyStream | undefined, web: ReadableStream | undefined) {
    this.#stream = stream;
    this.#web = web;
    this.#error = stream?.errored ?? undefined;
    // A stream that was read to its end is sent as an empty body.
    this.#isClosed = stream?.destroyed === true && stream.readableEnded !== true;
    stream?.on('error', this.#onError).on('close', this.#onClose);
  }

  /** Calls back once the stream can no longer be sent. Returns a function that stops that. */
  onFailure(end: () => void): () => void {
    if (!this.#isHandedOver) this.#end = end;
    return () => (this.#end = ignore);
  }

  /**
   * Stops before a stream is sent that failed or was closed.
   *
   * @param adapter the error is the one that this adapter of Axios throws
   * @throws AxiosError with the stream's error, CanceledError for a stream that was closed
   */
  throwIfFailed(config: InternalAxiosRequestConfig, adapter: AxiosAdapter): void {
    if (this.#isHandedOver || (this.#error === undefined && !this.#isClosed)) return;
    const sanitized = sanitizeConfig(config);
    const error = this.#error as Error | undefined;
    if (adapter === axios.getAdapter('fetch', config)) {
      const cause = error ?? Object.assign(new Error('Premature close'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
      const { AxiosError } = axios;
      throw Object.assign(new AxiosError('Network Error', AxiosError.ERR_NETWORK, sanitized), { cause });
    }
    if (error === undefined) throw new axios.CanceledError('Request stream has been aborted', sanitized);
    throw axios.AxiosError.from(error, undefined, sanitized);
  }

  /** An adapter reads the stream from now on, and its failures are the adapter's. */
  handOver(): void {
    this.#isHandedOver = true;
    this.#stream?.off('close', this.#onClose);
  }

  /** The request has its response. */
  release(): void {
    this.#stream?.off('error', this.#onError).off('close', this.#onClose);
  }

  /** The request failed. Nobody reads the stream, so that errors that it has later are ignored. */
  abandon(): void {
    this.release();
    this.#stream?.off('error', ignore).on('error', ignore);
    if (this.#web?.locked === false) this.#web.cancel().catch(ignore);
  }

  readonly #onError = (error: unknown): void => {
    this.#error ??= error;
    this.#end();
  };

  readonly #onClose = (): void => {
    this.#isClosed ||= this.#stream?.readableEnded !== true;
    this.#end();
  };
}
