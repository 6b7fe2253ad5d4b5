import type { Meter, ObservableResult } from '@opentelemetry/api';
import type { Observable } from 'rxjs';
import type { M2MResourceServerEvent } from '../resource-server/events/m2m-resource-server-event.js';
import type { M2MResourceServerStats } from '../resource-server/events/stats.js';
import type { Clock } from '../time/clock.js';
import { issuerAttributes } from './attributes.js';
import { INSTRUMENTS } from './instruments.js';
import { addTotals } from './totals.js';

/** Seconds. */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * Reports the totals of a resource server, and the age of its key sets.
 *
 * @param fetched issuers whose key sets are fetched, and not written in the options
 * @returns what ends it
 */
export function observeResourceServer(
  meter: Meter,
  verifier: { stats(): M2MResourceServerStats },
  fetched: ReadonlySet<string>,
  clock: Clock,
): () => void {
  const endTotals = addTotals(meter, (add) => {
    const stats = verifier.stats();
    const accepted = { 'm2m.result': 'accepted' };
    add(INSTRUMENTS.verifications, stats.acceptedFromCache, { ...accepted, 'm2m.cached': true });
    add(INSTRUMENTS.verifications, stats.acceptedAfterVerification, { ...accepted, 'm2m.cached': false });
    const refused = { ...stats.refused, caller: stats.callersRefused };
    for (const [reason, count] of Object.entries(refused))
      add(INSTRUMENTS.verifications, count, { 'm2m.result': 'refused', 'm2m.reason': reason });
    add(INSTRUMENTS.verifications, stats.keysUnavailable, { 'm2m.result': 'unavailable' });
  });
  const ages = meter.createObservableGauge(INSTRUMENTS.keySetAge.name, INSTRUMENTS.keySetAge);
  const observe = (result: ObservableResult): void => {
    for (const { issuer, fetchedAt } of verifier.stats().keySets) {
      if (fetchedAt === undefined || !fetched.has(issuer)) continue;
      result.observe(Math.max(0, clock.wall() - fetchedAt) / 1000, { 'm2m.issuer': issuer });
    }
  };
  ages.addCallback(observe);
  return () => {
    endTotals();
    ages.removeCallback(observe);
  };
}

/** Measures the verification of tokens that were not in the cache. @param issuers of the options @returns what ends it */
export function recordVerifications(
  meter: Meter,
  events: Observable<M2MResourceServerEvent>,
  issuers: ReadonlySet<string>,
): () => void {
  const advice = { explicitBucketBoundaries: BUCKETS };
  const { verificationDuration } = INSTRUMENTS;
  const durations = meter.createHistogram(verificationDuration.name, { ...verificationDuration, advice });
  const subscription = events.subscribe((event) => {
    if (event.type !== 'token-verified') return;
    durations.record(event.duration / 1000, issuerAttributes(event.caller.issuer, issuers));
  });
  return () => subscription.unsubscribe();
}
