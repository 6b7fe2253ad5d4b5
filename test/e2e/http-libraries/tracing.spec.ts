import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CompiledSources } from '../../support/compiled-sources.js';
import { json, TestHttpServer } from '../../support/http-server.js';

const TRACING = 'test/e2e/http-libraries/recipes/tracing.ts';
const APPLICATION = 'test/e2e/http-libraries/traced-application.ts';
const TOKEN = 'the-token-of-orders';

let endpoint: TestHttpServer;
let products: TestHttpServer;
/** Spans, as the exporter prints them. */
let printed: string;

beforeAll(async () => {
  const answer = { access_token: TOKEN, token_type: 'Bearer', expires_in: 60 };
  endpoint = await TestHttpServer.start((_, response) => json(response, 200, answer));
  products = await TestHttpServer.start(({ url }, response) => json(response, url === '/refused' ? 403 : 200, {}));
  await using compiled = await CompiledSources.compile([TRACING, APPLICATION]);
  const env = { ...process.env, TOKEN_ENDPOINT: `${endpoint.url}/token`, PRODUCTS_URL: products.url };
  const modules = ['--import', compiled.path(TRACING), compiled.path(APPLICATION)];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, modules, { env });
  printed = stdout + stderr;
});
afterAll(() => Promise.all([endpoint.stop(), products.stop()]));

describe('OpenTelemetry', () => {
  it('has a span for the token request, and for each call to a target', () => {
    const urls = [...printed.matchAll(/'(?:http\.url|url\.full)': '([^']+)'/g)].map(([, url]) => url);
    const called = ['with-axios', 'with-fetch', 'refused'].map((path) => `${products.url}/${path}`);
    expect(urls).toEqual([`${endpoint.url}/token`, ...called]);
  });

  it('sends its trace context with each of them', () => {
    const requests = [...endpoint.requests, ...products.requests].filter(({ url }) => url !== '/with-fetch-adapter');
    const ids = [...printed.matchAll(/traceId: '(\w+)'/g)].map(([, id]) => id);
    expect(requests.map(({ headers }) => String(headers['traceparent']).split('-')[1])).toEqual(ids);
    expect(ids).toHaveLength(4);
  });

  it("does not see calls with Axios's fetch adapter", () => {
    const { headers } = products.requests.find(({ url }) => url === '/with-fetch-adapter')!;
    expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(headers['traceparent']).toBeUndefined();
  });

  it('prints neither token nor secret', () => {
    expect(products.requests[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(printed).toContain('traceId');
    expect(printed).not.toContain(TOKEN);
    expect(printed).not.toContain('s3cret-of-orders');
  });
});
