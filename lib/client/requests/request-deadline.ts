import type { InternalAxiosRequestConfig } from 'axios';
import { axios } from '../../http/axios.js';
import { sanitizeConfig } from './sanitize.js';
import type { Clock } from '../../time/clock.js';

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

/** The end of one request: its timeout covers the waits for its tokens, and cancelling the request ends them. */
export class RequestDeadline {
  readonly #config: InternalAxiosRequestConfig;
  readonly #clock: Clock;
  /** Milliseconds; 0 if there is none. */
  readonly #timeout: number;
  readonly #end: number;
  #waited = false;

  /** @param timeout milliseconds for the whole request, if it has a limit */
  constructor(config: InternalAxiosRequestConfig, timeout: number | undefined, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    // Axios takes numbers in strings, too.
    this.#timeout = Number(timeout) > 0 ? Number(timeout) : 0;
    this.#end = this.#timeout > 0 ? clock.monotonic() + this.#timeout : Infinity;
  }

  /**
   * Waits for a token. If the wait ends first, the token request goes on for others.
   *
   * @param late makes the result when the time is up. Default: throw the AxiosError that Axios throws
   * @throws CanceledError if the request is cancelled
   */
  for<T>(token: Promise<T>, late?: () => T): Promise<T> {
    const { signal, cancelToken } = this.#config;
    return this.#timeout > 0 || signal || cancelToken ? this.#until(token, late) : token;
  }

  /** Gives a request that has waited the rest of its time as its timeout. */
  shorten(sent: InternalAxiosRequestConfig): void {
    if (!this.#waited || this.#timeout === 0) return;
    sent.timeout = Math.max(1, Math.ceil(this.#end - this.#clock.monotonic()));
    sent.timeoutErrorMessage ||= this.#message();
  }

  async #until<T>(token: Promise<T>, late?: () => T): Promise<T> {
    // Most tokens are in memory, and a timer or a listener costs more than everything else.
    let inMemory: T | undefined;
    token.then((value) => (inMemory = value), ignore);
    await SETTLED;
    if (inMemory !== undefined) return inMemory;
    throwIfCancelled(this.#config);
    this.#waited = true;
    let stop: (() => void) | undefined;
    try {
      const ended = new Promise<undefined>((resolve) => (stop = this.#onEnd(() => resolve(undefined))));
      const inTime = await Promise.race([token, ended]);
      if (inTime !== undefined) return inTime;
    } finally {
      stop?.();
    }
    throwIfCancelled(this.#config);
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
    return () => {
      stop?.();
      signal?.removeEventListener?.('abort', end);
      cancelToken?.unsubscribe(end);
    };
  }

  #message(): string {
    return this.#config.timeoutErrorMessage || `timeout of ${this.#timeout}ms exceeded`;
  }
}
