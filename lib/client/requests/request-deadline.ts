import type { AxiosError, InternalAxiosRequestConfig } from 'axios';
import type { Clock } from '../../time/clock.js';
import { axios } from '../../http/axios.js';
import { sanitizeConfig } from './sanitize.js';

const SETTLED = Promise.resolve();
const ignore = (): void => undefined;

/** How long one request waits for its tokens: its timeout covers the waits, and what cancels it ends them. */
export class RequestDeadline {
  readonly #config: InternalAxiosRequestConfig;
  readonly #clock: Clock;
  /** 0 where there is none. */
  readonly #timeout: number;
  readonly #end: number;
  #waited = false;

  /** @param timeout milliseconds for the whole request, if it has a limit */
  constructor(config: InternalAxiosRequestConfig, timeout: number | undefined, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    // Axios takes texts, too.
    this.#timeout = Number(timeout) > 0 ? Number(timeout) : 0;
    this.#end = this.#timeout > 0 ? clock.monotonic() + this.#timeout : Infinity;
  }

  /**
   * Waits for a token. When the wait ends, what brings the token goes on for others.
   *
   * @param late what to do when the time is up. Default: throw what Axios throws
   * @throws CanceledError when the request is cancelled
   */
  for<T>(token: Promise<T>, late?: () => T): Promise<T> {
    const { signal, cancelToken } = this.#config;
    return this.#timeout > 0 || signal || cancelToken ? this.#until(token, late) : token;
  }

  /** Leaves a request that has waited the rest of its time. */
  shorten(sent: InternalAxiosRequestConfig): void {
    if (!this.#waited || this.#timeout === 0) return;
    sent.timeout = Math.max(1, Math.ceil(this.#end - this.#clock.monotonic()));
    sent.timeoutErrorMessage ||= this.#message();
  }

  async #until<T>(token: Promise<T>, late?: () => T): Promise<T> {
    // Most tokens are at hand, and a timer or a listener costs more than all the rest.
    let atHand: T | undefined;
    token.then((value) => (atHand = value), ignore);
    await SETTLED;
    if (atHand !== undefined) return atHand;
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
    throw this.#timedOut();
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

  #timedOut(): AxiosError {
    const code = this.#config.transitional?.clarifyTimeoutError ? 'ETIMEDOUT' : 'ECONNABORTED';
    return new axios.AxiosError(this.#message(), code, sanitizeConfig(this.#config));
  }

  #message(): string {
    return this.#config.timeoutErrorMessage || `timeout of ${this.#timeout}ms exceeded`;
  }
}

/** An adapter would send a request that was cancelled meanwhile, though nobody waits for the response. */
export function throwIfCancelled(config: InternalAxiosRequestConfig): void {
  if (config.signal?.aborted) throw new axios.CanceledError(undefined, sanitizeConfig(config));
  config.cancelToken?.throwIfRequested();
}
