import type { ExecutionContext } from '@nestjs/common';
import type { M2MCaller } from '../../caller/m2m-caller.js';
import type { Refusal } from './refusal.js';

/** The credentials of one request. */
export interface InboundCredentials {
  /** The authentication scheme that they came in (RFC 9110, section 11.1). */
  readonly scheme: 'Bearer';
  /** What stands after the scheme. The guard checks its syntax. */
  readonly token: string;
}

/** The text of a request in which a token may be. */
export interface InboundTexts {
  /** That of its credentials, and what they encode. */
  readonly credentials: string;
  /** Any other: URL, cookies and further headers. */
  readonly elsewhere: string;
}

/** A way in which requests reach a handler: reads their credentials, and answers those that the guard refuses. */
export interface InboundTransport {
  /** Whether requests of this transport come in such a context. */
  handles(context: ExecutionContext): boolean;
  /**
   * The object that stands for the request: one of the context's arguments, and none that a sender can make. The guard
   * keeps the caller by it.
   */
  requestOf(context: ExecutionContext): object;
  /** @throws InvalidTokenError if there are none, or if they are malformed */
  credentials(context: ExecutionContext): InboundCredentials;
  /**
   * Whether a request has no credentials of any kind, and no second place with a token: `@OptionalToken()` lets it in. A
   * transport that has no such member lets in nobody without a token.
   */
  isAnonymous?(context: ExecutionContext): boolean;
  /**
   * The text of a request in which a passport strategy might look for a token, but for its body. A transport that has no
   * such member lets in no users.
   *
   * @throws InvalidTokenError if there is more than can be searched
   */
  texts?(context: ExecutionContext): InboundTexts;
  /** Leaves the caller on the request, for other code of the application; `undefined` for a user, and without a token. It proves nothing. */
  attach(context: ExecutionContext, caller: M2MCaller | undefined): void;
  /** Answers a refused request: throws what Nest turns into the answer. */
  refuse(context: ExecutionContext, refusal: Refusal): Promise<never> | never;
}
