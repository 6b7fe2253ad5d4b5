import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterEach, expect, it } from '@jest/globals';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MOpenTelemetryModule } from '../../../lib/opentelemetry/index.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { TestTokenEndpoint } from '../../support/calling-service.js';
import { startGuardedApp } from '../../support/guarded-app.js';
import { until } from '../../support/until.js';

afterEach(() => {
  trace.disable();
  context.disable();
});

it.each([
  ['that succeeds', false, { code: SpanStatusCode.UNSET }, {}],
  ['that fails', true, { code: SpanStatusCode.ERROR }, { 'error.type': 'ERR_M2M_TOKEN_ENDPOINT' }],
])('a renewal %s is a trace of its own, with a link to the call, and nothing of the token', async (...row) => {
  const [, down, status, attributes] = row;
  const exporter = new InMemorySpanExporter();
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
  await using endpoint = await TestTokenEndpoint.start();
  const clock = new TestClock();
  const options = {
    authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint: endpoint.url },
    client: { clientId: 'orders', clientSecret: 'the-secret-of-the-client', retry: { attempts: 1 } },
  };
  await using running = await startGuardedApp({ options, clock, imports: [M2MOpenTelemetryModule] });
  const client = running.app.get(M2MClientService);
  await client.getToken();
  expect(exporter.getFinishedSpans()).toEqual([]);

  endpoint.down = down;
  await clock.advance(59 * 60_000);
  const call = trace.getTracer('test').startSpan('GET /orders');
  await context.with(trace.setSpan(context.active(), call), () => client.getToken());
  call.end();
  await until(() => exporter.getFinishedSpans().length === 2);

  const renewal = exporter.getFinishedSpans().find(({ name }) => name === 'm2m.token.renewal');
  expect(renewal).toMatchObject({ parentSpanContext: undefined, status, attributes, events: [] });
  expect(renewal?.attributes).toEqual(attributes);
  expect(renewal?.spanContext().traceId).not.toBe(call.spanContext().traceId);
  expect(renewal?.links.map((link) => link.context.spanId)).toEqual([call.spanContext().spanId]);
});

it('a renewal by a timer has no link to the call that once began to keep the token', async () => {
  const exporter = new InMemorySpanExporter();
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
  await using endpoint = await TestTokenEndpoint.start(1);
  const options = {
    authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint: endpoint.url },
    client: { clientId: 'orders', clientSecret: 'the-secret-of-the-client' },
  };
  await using running = await startGuardedApp({ options, imports: [M2MOpenTelemetryModule] });
  const call = trace.getTracer('test').startSpan('GET /orders');
  await context.with(trace.setSpan(context.active(), call), () => running.app.get(M2MClientService).keepToken());
  await until(() => exporter.getFinishedSpans().length > 0);
  expect(exporter.getFinishedSpans()[0]).toMatchObject({ name: 'm2m.token.renewal', links: [] });
});
