import { hash } from 'node:crypto';
import type { ResolvedClient } from '../../../options/resolved-options.js';

export type RenewalPreferences = ResolvedClient['renewal'];

/** When a token is no longer used, and when the next one is requested: both in milliseconds before it expires. */
export interface RenewalPlan {
  readonly leeway: number;
  readonly renewal: number;
}

/**
 * Plans the end of a token's life in proportion to its lifetime: a fixed leeway makes short tokens useless.
 *
 * What the options say is capped, so that every token is used for half of its lifetime at least, and none is renewed in
 * the first half of that.
 */
export function renewalPlan(
  { value, lifetime }: { readonly value: string; readonly lifetime: number },
  preferences: RenewalPreferences,
): RenewalPlan {
  const usual = { leeway: Math.min(10_000, lifetime * 0.05), ahead: Math.min(600_000, lifetime * 0.1) };
  // Whichever of the two is given, there is time before the leeway: in it, calls wait for the next token.
  const wanted = preferences.leeway ?? Math.min(usual.leeway, (preferences.ahead || Infinity) / 2);
  const leeway = Math.min(wanted, lifetime / 2);
  const ahead = preferences.ahead ?? leeway + usual.ahead - usual.leeway;
  const window = Math.max(0, Math.min(ahead - leeway, (lifetime - leeway) / 2));
  const jitter = Math.min(preferences.jitter ?? window / 2, window);
  return { leeway, renewal: leeway + window - jitter * fraction(value) };
}

/** A number from 0 to 1 that every process derives alike from the same token. */
function fraction(value: string): number {
  return hash('sha256', value, 'buffer').readUInt32BE() / 2 ** 32;
}
