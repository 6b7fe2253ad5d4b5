import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { axios } from '../../http/axios.js';
import type { Clock } from '../../time/clock.js';
import { PendingBody } from './pending-body.js';
import { sanitizeConfig } from './sanitize.js';

/**
 * Stops before a request that was cancelled meanwhile is sent. An adapter would send it, although nobody waits for the
 * response.
 *
 * @throws CanceledError
 */
export function throwIfCancelled(config: InternalAxiosRequestConfig): void {
  if (config.signal?.aborted) throw new axios.CanceledError(undefined, sanitizeConfig(config));
  config.cancelToken?.throwIfRequested();
}

const SETTLED = Promise.resolve();
const ignore = (): void => undefined;

/**
 * The end of one request: its timeout covers the waits for its tokens, and they end if the request is cancelled or its
 * body fails.
 */
export class RequestDeadline {
  readonly #config: InternalAxiosRequestConfig;
  readonly #clock: Clock;
  readonly #adapter: AxiosAdapter;
  /** Its body, if that is a stream. */
  readonly body: PendingBody | undefined;
  /** Milliseconds; 0 if there is none. */
  readonly #timeout: number;
  readonly #end: number;
  #waited = false;

  /**
   * @param adapter what the request is sent with
   * @param timeout milliseconds for the whole request, if it has a limit
   */
  constructor(config: InternalAxiosRequestConfig, adapter: AxiosAdapter, timeout: number | undefined, clock: Clock) {
    this.#config = config;
    this.#adapter = adapter;
    this.#clock = clock;
    this.body = PendingBody.of(config.data);
    // Axios takes numbers in strings, too.
    this.#timeout = Number(timeout) > 0 ? Number(timeout) : 0;
    this.#end = this.#timeout > 0 ? clock.monotonic() + this.#timeout : Infinity;
  }

  /**
   * Waits for a token. If the wait ends first, the token request goes on for others.
   *
   * @param late makes the result when the time is up. Default: throw the AxiosError that Axios throws
   * @throws CanceledError if the request is cancelled, AxiosError if its body fails
   */
  for<T>(token: Promise<T>, late?: () => T): Promise<T> {
    const { signal, cancelToken } = this.#config;
    return this.#timeout > 0 || signal || cancelToken || this.body ? this.#until(token, late) : token;
  }

  /** Stops a request that nobody waits for, or that cannot be sent. @throws CanceledError, AxiosError */
  throwIfOver(): void {
    throwIfCancelled(this.#config);
    this.body?.throwIfFailed(this.#config, this.#adapter);
  }

  /** Gives a request that has waited the rest of its time as its timeout. */
  shorten(sent: InternalAxiosRequestConfig): void {
    if (!this.#waited || this.#timeout === 0) return;
    sent.timeout = Math.max(1, Math.ceil(this.#end - this.#clock.monotonic()));
    sent.timeoutErrorMessage ||= this.#message();
  }

  /** Says the whole time in the error of a timeout. The fetch adapter of Axios says the rest that it was given. */
  correct(error: unknown, { timeout }: InternalAxiosRequestConfig): void {
    if (!this.#waited || !(error instanceof Error) || error.message !== exceeded(timeout)) return;
    error.message = exceeded(this.#timeout);
  }

  async #until<T>(token: Promise<T>, late?: () => T): Promise<T> {
    // Most tokens are in memory, and a timer or a listener costs more than everything else.
    let inMemory: T | undefined;
    token.then((value) => (inMemory = value), ignore);
    await SETTLED;
    if (inMemory !== undefined) return inMemory;
    this.throwIfOver();
    this.#waited = true;
    let stop: (() => void) | undefined;
    try {
      const ended = new Promise<undefined>((resolve) => (stop = this.#onEnd(() => resolve(undefined))));
      const inTime = await Promise.race([token, ended]);
      if (inTime !== undefined) return inTime;
    } finally {
      stop?.();
    }
    this.throwIfOver();
    if (late) return late();
    const code = this.#config.transitional?.clarifyTimeoutError ? 'ETIMEDOUT' : 'ECONNABORTED';
    throw new axios.AxiosError(this.#message(), code, sanitizeConfig(this.#config));
  }

  #onEnd(end: () => void): () => void {
    const { signal, cancelToken } = this.#config;
    const rest = Math.max(0, this.#end - this.#clock.monotonic());
    const stop = this.#timeout > 0 ? this.#clock.after(rest, end, { keepAlive: true }) : undefined;
    signal?.addEventListener?.('abort', end);
    cancelToken?.subscribe(end);
    const release = this.body?.onFailure(end);
    return () => {
      stop?.();
      signal?.removeEventListener?.('abort', end);
      cancelToken?.unsubscribe(end);
      release?.();
    };
  }

  #message(): string {
    return this.#config.timeoutErrorMessage || exceeded(this.#timeout);
  }
}

/** The message of Axios. */
function exceeded(timeout: number | undefined): string {
  return `timeout of ${timeout}ms exceeded`;
}
