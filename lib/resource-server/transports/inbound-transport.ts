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

/** A context that no transport handles, for a log line. */
export interface UnhandledContext {
  /** What came, in words. */
  readonly what: string;
  /** The line to write. */
  readonly remedy: string;
}

/** A way in which requests reach a handler: reads their credentials, and answers those that the guard refuses. */
export interface InboundTransport {
  /** The type of its execution contexts. */
  readonly type: string;
  /** Whether requests of this transport come in such a context. */
  handles(context: ExecutionContext): boolean;
  /** Why it does not handle a context of its type. */
  unhandled?(context: ExecutionContext): UnhandledContext;
  /**
   * The object that stands for the request, and none that a sender can make. The guard keeps the caller by it.
   */
  requestOf(context: ExecutionContext): object;
  /**
   * The object that stands for everything that is decided at once: one request may reach many handlers, and those with
   * equal conditions share one decision. A transport that has no such member brings each request to one handler.
   */
  operationOf?(context: ExecutionContext): object;
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
  /** The request that a passport strategy gets. @default that of HTTP */
  userRequest?(context: ExecutionContext): object;
  /** Leaves the caller on the request, for other code of the application; `undefined` for a user, and without a token. It proves nothing. */
  attach(context: ExecutionContext, caller: M2MCaller | undefined): void;
  /** Answers a refused request: throws what Nest turns into the answer. */
  refuse(context: ExecutionContext, refusal: Refusal): Promise<never> | never;
  /**
   * Answers a request if the guard itself has failed, and says nothing of the error. A transport that has no such member
   * leaves that to Nest.
   */
  fail?(error: unknown): never;
}
