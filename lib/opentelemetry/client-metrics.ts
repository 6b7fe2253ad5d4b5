import type { Attributes, BatchObservableResult, Meter } from '@opentelemetry/api';
import type { Observable } from 'rxjs';
import type { M2MClientEvent } from '../client/events/m2m-client-event.js';
import type { M2MClientStats } from '../client/events/stats.js';
import { clientAttributes, errorAttributes } from './attributes.js';
import { INSTRUMENTS } from './instruments.js';
import { addTotals, type AddTotal } from './totals.js';

/** Seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Client {
  stats(): M2MClientStats;
}

/** Reports the totals of clients, and the state of their tokens. @param names of the clients @returns what ends it */
export function observeClients(
  meter: Meter,
  clients: readonly Client[],
  names: readonly (string | undefined)[],
): () => void {
  const listed = new Set(names.filter((name) => name !== undefined));
  const described = clients.map((client, index) => [client, clientAttributes(names[index], listed)] as const);
  const ends = [addTotals(meter, (add) => addClients(described, add)), observeTokens(meter, described)];
  return () => ends.forEach((end) => end());
}

function addClients(clients: readonly (readonly [Client, Attributes])[], add: AddTotal): void {
  for (const [client, about] of clients) {
    const stats = client.stats();
    const brought = stats.tokenRequests - stats.failures;
    add(INSTRUMENTS.tokenRequests, brought, { ...about, 'm2m.result': 'success' });
    add(INSTRUMENTS.tokenRequests, stats.failures, { ...about, 'm2m.result': 'failure' });
    const sources = {
      memory: stats.servedFromMemory - stats.servedDuringOutage,
      outage: stats.servedDuringOutage,
      store: stats.servedFromStore,
      request: brought,
    };
    for (const [source, count] of Object.entries(sources))
      add(INSTRUMENTS.tokens, count, { ...about, 'm2m.token.source': source });
    add(INSTRUMENTS.waits, stats.waits, about);
  }
}

function observeTokens(meter: Meter, clients: readonly (readonly [Client, Attributes])[]): () => void {
  const remaining = meter.createObservableGauge(INSTRUMENTS.tokenRemaining.name, INSTRUMENTS.tokenRemaining);
  const lifetime = meter.createObservableGauge(INSTRUMENTS.tokenLifetime.name, INSTRUMENTS.tokenLifetime);
  const skew = meter.createObservableGauge(INSTRUMENTS.clockSkew.name, INSTRUMENTS.clockSkew);
  const observe = (result: BatchObservableResult): void => {
    for (const [client, about] of clients) {
      const { clockSkew, tokens } = client.stats();
      if (clockSkew !== undefined) result.observe(skew, clockSkew / 1000, about);
      for (const token of tokens) {
        const attributes = token.target === undefined ? about : { ...about, 'm2m.target': token.target };
        result.observe(remaining, token.remaining / 1000, attributes);
        result.observe(lifetime, token.lifetime / 1000, attributes);
      }
    }
  };
  const instruments = [remaining, lifetime, skew];
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
