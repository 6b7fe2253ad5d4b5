import { metrics, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Subject } from 'rxjs';
import type { M2MClientEvent } from '../../../lib/client/events/m2m-client-event.js';
import { TokenEndpointError } from '../../../lib/errors/token-endpoint.error.js';
import { isolateSubscribers } from '../../../lib/events/isolate-subscribers.js';
import { recordTokenRequests } from '../../../lib/opentelemetry/client-metrics.js';
import { INSTRUMENTS } from '../../../lib/opentelemetry/instruments.js';
import { recordRenewals } from '../../../lib/opentelemetry/renewal-spans.js';
import { recordVerifications } from '../../../lib/opentelemetry/resource-server-metrics.js';
import type { M2MResourceServerEvent } from '../../../lib/resource-server/events/m2m-resource-server-event.js';
import { CollectedMetrics } from '../../support/collected-metrics.js';

const names = new Set(['billing']);
const secret = 'the-token-of-somebody';

function done(): Promise<void> {
  return Promise.resolve();
}

/** Events as far as they are read. */
function eventsOf<Event>() {
  const events = new Subject<Event>();
  return { events, send: (event: Readonly<Record<string, unknown>>) => events.next(event as Event) };
}

describe('the durations of events', () => {
  it('of token requests are seconds, by client and error, until they end', async () => {
    await using collected = new CollectedMetrics();
    const { events, send } = eventsOf<M2MClientEvent>();
    const end = recordTokenRequests(metrics.getMeter('test'), events, names);
    send({ type: 'issued', client: undefined, duration: 1500 });
    send({ type: 'renewed', client: 'billing', duration: 500 });
    send({ type: 'renewal-failed', client: 'tenant', duration: 250, error: new TokenEndpointError(secret) });
    // Its duration is none of a request.
    send({ type: 'rejections-ignored', client: undefined, duration: 3_600_000 });
    end();
    send({ type: 'issued', client: undefined, duration: 1500 });
    const points = await collected.points(INSTRUMENTS.tokenRequestDuration.name);
    expect(points).toMatchObject([
      { attributes: {}, value: { count: 1, sum: 1.5 } },
      { attributes: { 'm2m.client': 'billing' }, value: { count: 1, sum: 0.5 } },
      {
        attributes: { 'm2m.client': 'dynamic', 'error.type': 'ERR_M2M_TOKEN_ENDPOINT' },
        value: { count: 1, sum: 0.25 },
      },
    ]);
    expect(JSON.stringify(points)).not.toContain(secret);
    // Those of the SDK are milliseconds.
    expect(points[0]?.value).toMatchObject({ buckets: { boundaries: expect.arrayContaining([0.005, 10]) } });
  });

  it('of verifications are seconds, by issuer, until they end', async () => {
    await using collected = new CollectedMetrics();
    const { events, send } = eventsOf<M2MResourceServerEvent>();
    const end = recordVerifications(metrics.getMeter('test'), events, new Set(['https://id.test']));
    send({ type: 'token-verified', caller: { issuer: 'https://id.test' }, duration: 2 });
    send({ type: 'token-verified', caller: { issuer: 'https://tenant.test' }, duration: 4 });
    end();
    send({ type: 'token-verified', caller: { issuer: 'https://id.test' }, duration: 2 });
    const points = await collected.points(INSTRUMENTS.verificationDuration.name);
    expect(points).toMatchObject([
      { attributes: { 'm2m.issuer': 'https://id.test' }, value: { count: 1, sum: 0.002 } },
      { attributes: { 'm2m.issuer': 'dynamic' }, value: { count: 1, sum: 0.004 } },
    ]);
    expect(points[0]?.value).toMatchObject({ buckets: { boundaries: expect.arrayContaining([0.0001, 5]) } });
  });
});

describe('the spans of renewals', () => {
  afterEach(() => trace.disable());

  it('are as long as the request, by client, until they end, and without what the error says (claim 2.7)', () => {
    const exporter = new InMemorySpanExporter();
    const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const { events, send } = eventsOf<M2MClientEvent>();
    const end = recordRenewals(provider.getTracer('test'), events, names);
    send({ type: 'renewed', client: 'billing', duration: 1500 });
    send({ type: 'renewal-failed', client: 'tenant', duration: 250, error: new TokenEndpointError(secret) });
    send({ type: 'issued', client: 'billing', duration: 1500 });
    end();
    send({ type: 'renewed', client: 'billing', duration: 1500 });
    const spans = exporter.getFinishedSpans();
    expect(spans.map(({ duration: [seconds, rest] }) => seconds + rest / 1e9)).toEqual([1.5, 0.25]);
    expect(spans.map(({ attributes }) => attributes)).toEqual([
      { 'm2m.client': 'billing' },
      { 'm2m.client': 'dynamic', 'error.type': 'ERR_M2M_TOKEN_ENDPOINT' },
    ]);
    expect(JSON.stringify(spans.map(({ status, events: recorded }) => [status, recorded]))).not.toContain(secret);
  });

  it('go on after a processor that throws, which changes nothing else and is reported once', () => {
    const onEnd = jest.fn(() => {
      throw new Error('no exporter');
    });
    const processor = { onStart: () => undefined, onEnd, forceFlush: done, shutdown: done };
    const provider = new NodeTracerProvider({ spanProcessors: [processor] });
    const { events, send } = eventsOf<M2MClientEvent>();
    const report = jest.fn();
    recordRenewals(provider.getTracer('test'), isolateSubscribers(events, report), names);
    for (const duration of [1, 2]) send({ type: 'renewed', client: undefined, duration });
    expect([onEnd.mock.calls.length, report.mock.calls.length]).toEqual([2, 1]);
  });
});
