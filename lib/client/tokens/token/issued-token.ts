import type { Moment } from '../../../time/moment.js';

/** A token as the token endpoint issued it. */
export interface IssuedToken {
  readonly value: string;
  /** Milliseconds, from `requestedAt`. */
  readonly lifetime: number;
  /** The scopes granted. `undefined`: neither the server nor the token says. */
  readonly scope: readonly string[] | undefined;
  /** When the request was sent. */
  readonly requestedAt: Moment;
}

/** Whether a value can be a token: it goes into a header. */
export function isTokenText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}
