import { currentRequest } from '../request-context/request-context.js';
import type { Clock } from '../time/clock.js';
import { eraseCallerToken, openCallerToken, standsFor, type AcceptedToken, type CallerToken } from './caller-token.js';

/** Milliseconds that handlers may go on after their response was closed. */
const LONGEST_END = 60_000;

/** What one inbound request keeps of its caller, for calls on behalf of that: empty until a guard has accepted a token. */
export class CallerContext {
  #token: CallerToken | undefined;
  #isErased = false;
  /** Handlers that run. */
  #running = 0;
  /** Set once the response is closed. */
  #cancelTimer: (() => void) | undefined;

  /** The handle of the request's token. `undefined`: none was accepted, or the request has ended. */
  get token(): CallerToken | undefined {
    return this.#token;
  }

  /**
   * Takes the token that a guard accepted; `undefined` if it let somebody in without one. Another token of an earlier guard
   * is of no use any more.
   */
  fill(accepted: AcceptedToken | undefined): void {
    // One request of GraphQL has many handlers, and each of them its guard.
    const isSame = this.#token && accepted && standsFor(this.#token, accepted);
    if (this.#isErased || isSame) return;
    this.#forget();
    this.#token = accepted && openCallerToken(accepted);
  }

  /** A handler begins: it may use the token until it has settled. */
  handlerBegins(): void {
    this.#running += 1;
  }

  /** A handler has settled. */
  handlerSettles(): void {
    this.#running -= 1;
    if (this.#cancelTimer && this.#running === 0) this.erase();
  }

  /** The response is closed: the token is erased when the handlers have settled, and after 60 s in any case. */
  close(clock: Clock): void {
    if (this.#cancelTimer) return;
    if (this.#running === 0) this.erase();
    else this.#cancelTimer = clock.after(LONGEST_END, () => this.erase());
  }

  /** Makes the handle useless, for good: the request has ended. */
  erase(): void {
    this.#isErased = true;
    this.#cancelTimer?.();
    this.#forget();
  }

  #forget(): void {
    if (this.#token) eraseCallerToken(this.#token);
    this.#token = undefined;
  }
}

/** The handle of the token of the request that the code that calls runs for. */
export function currentCallerToken(): CallerToken | undefined {
  const request = currentRequest();
  return request instanceof CallerContext ? request.token : undefined;
}
