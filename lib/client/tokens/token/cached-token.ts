import { later, type Moment } from '../../../time/moment.js';
import { AccessToken } from './access-token.js';
import { renewalPlan, type RenewalPlan, type RenewalPreferences } from './expiry.js';
import type { IssuedToken } from './issued-token.js';

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
  return {
    token: new AccessToken(issued.value, new Date(expiresAt.wall), issued.scope),
    issued,
    expiresAt,
    plan: renewalPlan(issued, preferences),
  };
}
