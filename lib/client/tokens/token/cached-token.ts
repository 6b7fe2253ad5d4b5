import { type Moment, later } from '../../../time/moment.js';
import { AccessToken } from './access-token.js';
import { renewalPlan, type RenewalPlan, type RenewalPreferences } from './expiry.js';

/** A token as the token endpoint issued it. */
export interface IssuedToken {
  readonly value: string;
  /** Milliseconds, from `requestedAt`. */
  readonly lifetime: number;
  /** The scopes granted. `undefined`: neither the server nor the token says. */
  readonly scope: readonly string[] | undefined;
  /** Whether it is bound to a key or certificate: `cnf` of the answer or of the token (RFC 7800, section 3.1). */
  readonly isBound: boolean;
  /** SHA-256 thumbprint of the client certificate that the request showed. @default none is known */
  readonly certificate?: string | undefined;
  /** Further members of the answer, frozen. @default none */
  readonly extra?: AccessToken['extra'] | undefined;
  /** When the request was sent. */
  readonly requestedAt: Moment;
}

/** Whether a value can be a token: it goes into a header. */
export function isTokenText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

/** A token in this process's memory. */
export interface CachedToken {
  readonly token: AccessToken;
  readonly issued: IssuedToken;
  readonly expiresAt: Moment;
  readonly plan: RenewalPlan;
  /** Whether it came out of the store about to expire. It serves until a newer one can be had. */
  readonly isEnding?: boolean;
}

/** A token with its plan of renewal. */
export function cacheToken(issued: IssuedToken, preferences: RenewalPreferences): CachedToken {
  const expiresAt = later(issued.requestedAt, issued.lifetime);
  const token = new AccessToken(issued.value, new Date(expiresAt.wall), issued.scope, issued.extra);
  return { token, issued, expiresAt, plan: renewalPlan(issued, preferences) };
}
