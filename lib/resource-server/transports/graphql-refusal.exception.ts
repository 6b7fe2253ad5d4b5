import { IntrinsicException } from '@nestjs/common';
import type { Refusal } from './refusal.js';

/** Apollo's words, which Mercurius passes on. */
const CODES = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  503: 'SERVICE_UNAVAILABLE',
} as const;

/**
 * An error of GraphQL for a refusal: Apollo and Mercurius both answer its `message` and its `extensions`. Nest does not log
 * it. The cause is for the application; nothing of it is answered.
 *
 * Nest's HTTP exceptions would be answered in another way by each driver, and without the code of 503.
 */
export class GraphqlRefusalException extends IntrinsicException {
  /** What is answered beside the message; what is undefined is not. */
  readonly extensions: Readonly<Record<string, string | number | undefined>>;

  constructor({ status, description, error, scope, retryAfter, cause }: Refusal) {
    super(description, { cause });
    this.name = 'GraphqlRefusalException';
    this.extensions = { code: CODES[status], error, scope, retryAfter };
  }
}

/** An error of GraphQL if the guard itself has failed. It says nothing of the cause, which is for the application. */
export class GraphqlFailureException extends IntrinsicException {
  readonly extensions = { code: 'INTERNAL_SERVER_ERROR' };

  constructor(cause: unknown) {
    super('Internal server error', { cause });
    this.name = 'GraphqlFailureException';
  }
}
