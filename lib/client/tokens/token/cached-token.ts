import { AccessToken } from './access-token.js';
import { later, type Moment } from '../../../time/moment.js';
import { renewalPlan, type RenewalPlan, type RenewalPreferences } from './expiry.js';

/** A token as it was issued. */
export interface IssuedToken {
  readonly value: string;
  /** Milliseconds. */
  readonly lifetime: number;
  /** The scopes granted; `undefined` where the server did not say and the token cannot be read. */
  readonly scope: readonly string[] | undefined;
}

/** Whether it may be a token: it goes into a header. */
export function isTokenText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

/** A token in this process's memory. */
export interface CachedToken {
  readonly token: AccessToken;
  readonly issued: IssuedToken;
  readonly expiresAt: Moment;
  readonly plan: RenewalPlan;
  /** Whether it was found in the store, about to expire: it serves where no newer one can be had. */
  readonly isEnding?: boolean;
}

/** What is known of the last token when the next one is sought. */
export interface PreviousToken {
  readonly value: string;
  /** Whether it goes on being used until the next one comes. */
  readonly valid: boolean;
  /** Milliseconds that the next one has to live at least, to be a better one; 0 where this one was rejected. */
  readonly remaining: number;
  /** Milliseconds that the next one may be put off: nobody waits for it. */
  readonly spare: number;
}

/** @param from when it had `remaining` milliseconds left */
export function cacheToken(
  issued: IssuedToken,
  from: Moment,
  remaining: number,
  preferences: RenewalPreferences,
): CachedToken {
  const expiresAt = later(from, remaining);
  return {
    token: new AccessToken(issued.value, new Date(expiresAt.wall), issued.scope),
    issued,
    expiresAt,
    plan: renewalPlan(issued, preferences),
  };
}
