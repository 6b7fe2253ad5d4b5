import { currentRequest } from '../request-context/request-context.js';
import { eraseCallerToken, openCallerToken, type AcceptedToken, type CallerToken } from './caller-token.js';

/** What one inbound request keeps of its caller, for calls on behalf of that: empty until a guard has accepted a token. */
export class CallerContext {
  #token: CallerToken | undefined;
  #isErased = false;

  /** The handle of the request's token. `undefined`: none was accepted, or the request has ended. */
  get token(): CallerToken | undefined {
    return this.#token;
  }

  /** Takes the token that a guard accepted. The token of an earlier guard is of no use any more. */
  fill(accepted: AcceptedToken): void {
    if (this.#isErased) return;
    if (this.#token) eraseCallerToken(this.#token);
    this.#token = openCallerToken(accepted);
  }

  /** Makes the handle useless, for good: the request has ended. */
  erase(): void {
    this.#isErased = true;
    if (this.#token) eraseCallerToken(this.#token);
    this.#token = undefined;
  }
}

/** The handle of the token of the request that the code that calls runs for. */
export function currentCallerToken(): CallerToken | undefined {
  const request = currentRequest();
  return request instanceof CallerContext ? request.token : undefined;
}
