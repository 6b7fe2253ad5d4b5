import type { M2MCaller } from '../../caller/m2m-caller.js';

/** What the guard reads of an HTTP request. The requests of Express, of Fastify and of Node itself have these members. */
export interface M2MHttpRequest {
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Names and values in turn, as they came: Node leaves the second of two `Authorization` headers out of `headers`. */
  readonly rawHeaders?: readonly string[] | undefined;
  /** Node's request, below Fastify's. */
  readonly raw?: Pick<M2MHttpRequest, 'rawHeaders'> | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  /** The body as parsed; a form is searched for a second token (RFC 6750, section 2.2). */
  readonly body?: unknown;
}

/** An HTTP request as `M2MGuard` leaves it. Both fields are for your code: the guard and `@Caller()` never read them. */
export interface M2MRequest extends M2MHttpRequest {
  /** The caller; `undefined` for a user whom `M2MGuard.or` let in, and without a token beside `@OptionalToken()`. */
  m2m?: M2MCaller | undefined;
  /** The caller, unless something else has set it. */
  user?: unknown;
}

/** Sets `m2m`, and `user` unless something else has set that. Fields that can only be read stay as they are. */
export function attachCaller(request: M2MRequest, caller: M2MCaller | undefined): void {
  try {
    // No field is added for nobody: the request keeps its shape.
    if (caller || request.m2m !== undefined) request.m2m = caller;
    if (caller) request.user ??= caller;
  } catch (error) {
    // Reflect.set would not throw, and takes three times as long.
    if (!(error instanceof TypeError)) throw error;
  }
}
