import type { BatchObservableResult, Meter } from '@opentelemetry/api';
import type { Observable } from 'rxjs';
import type { M2MClientEvent } from '../client/events/m2m-client-event.js';
import type { M2MClientStats } from '../client/events/stats.js';
import { clientAttributes, errorAttributes } from './attributes.js';
import { INSTRUMENTS } from './instruments.js';

/** Seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Reports the totals of clients, and the state of their tokens. @param names of the clients @returns what ends it */
export function observeClients(
  meter: Meter,
  clients: readonly { stats(): M2MClientStats }[],
  names: readonly (string | undefined)[],
): () => void {
  const listed = new Set(names.filter((name) => name !== undefined));
  const requests = meter.createObservableCounter(INSTRUMENTS.tokenRequests.name, INSTRUMENTS.tokenRequests);
  const tokens = meter.createObservableCounter(INSTRUMENTS.tokens.name, INSTRUMENTS.tokens);
  const waits = meter.createObservableCounter(INSTRUMENTS.waits.name, INSTRUMENTS.waits);
  const remaining = meter.createObservableGauge(INSTRUMENTS.tokenRemaining.name, INSTRUMENTS.tokenRemaining);
  const lifetime = meter.createObservableGauge(INSTRUMENTS.tokenLifetime.name, INSTRUMENTS.tokenLifetime);
  const skew = meter.createObservableGauge(INSTRUMENTS.clockSkew.name, INSTRUMENTS.clockSkew);
  const observe = (result: BatchObservableResult): void => {
    for (const [index, client] of clients.entries()) {
      const stats = client.stats();
      const about = clientAttributes(names[index], listed);
      const brought = stats.tokenRequests - stats.failures;
      result.observe(requests, brought, { ...about, 'm2m.result': 'success' });
      result.observe(requests, stats.failures, { ...about, 'm2m.result': 'failure' });
      const sources = {
        memory: stats.servedFromMemory - stats.servedDuringOutage,
        outage: stats.servedDuringOutage,
        store: stats.servedFromStore,
        request: brought,
      };
      for (const [source, count] of Object.entries(sources))
        result.observe(tokens, count, { ...about, 'm2m.token.source': source });
      result.observe(waits, stats.waits, about);
      if (stats.clockSkew !== undefined) result.observe(skew, stats.clockSkew / 1000, about);
      for (const token of stats.tokens) {
        const attributes = token.target === undefined ? about : { ...about, 'm2m.target': token.target };
        result.observe(remaining, token.remaining / 1000, attributes);
        result.observe(lifetime, token.lifetime / 1000, attributes);
      }
    }
  };
  const instruments = [requests, tokens, waits, remaining, lifetime, skew];
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}

/** Measures token requests. @param names of the clients of the options @returns what ends it */
export function recordTokenRequests(
  meter: Meter,
  events: Observable<M2MClientEvent>,
  names: ReadonlySet<string>,
): () => void {
  const advice = { explicitBucketBoundaries: BUCKETS };
  const { tokenRequestDuration } = INSTRUMENTS;
  const durations = meter.createHistogram(tokenRequestDuration.name, { ...tokenRequestDuration, advice });
  const subscription = events.subscribe((event) => {
    if (!('duration' in event) || event.type === 'rejections-ignored') return;
    const about = clientAttributes(event.client, names);
    durations.record(event.duration / 1000, 'error' in event ? { ...about, ...errorAttributes(event.error) } : about);
  });
  return () => subscription.unsubscribe();
}
