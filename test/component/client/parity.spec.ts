import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { callerOf, inRequestOf } from '../../support/caller.js';
import { clientService, CLIENT_SECRET, TestTokenEndpoint } from '../../support/calling-service.js';
import { CONFIGURATIONS } from './parity/config-cases.js';
import { FAILURES } from './parity/failure-cases.js';
import { INTENDED } from './parity/intended-differences.js';
import { describeError, describeResponse, normalize, type Outcome } from './parity/outcome.js';
import type { ParityCase } from './parity/parity-case.js';
import { REQUESTS } from './parity/request-cases.js';
import { RESPONSES } from './parity/response-cases.js';
import { ParityServer } from './parity/server.js';

const CASES = { ...REQUESTS, ...CONFIGURATIONS, ...RESPONSES, ...FAILURES };
/** Whether their request arrives before their time is up depends on the machine. */
const MAY_ARRIVE = /^(?:timeout|signal of a time-out)/;
/** What the other adapter does with them depends on time. */
const ONE_ADAPTER_ONLY: Readonly<Record<string, string>> = { 'timeout that is no number': 'http' };
const TOKEN = /^Authorization: Bearer token-\d+$/;
/** That of the caller of the inbound request for which everything runs. */
const RELAYED = 'token-0';

const CHOICES = ['own', 'relay', 'exchange'] as const;
type Choice = (typeof CHOICES)[number];

let endpoint: TestTokenEndpoint;
let server: ParityServer;
let ours: Readonly<Record<Choice, AxiosInstance>>;

beforeAll(async () => {
  endpoint = await TestTokenEndpoint.start();
  server = await ParityServer.start();
  const made = CHOICES.map((token) => {
    const { m2m } = clientService({
      authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint: endpoint.url },
      client: {
        clientId: 'orders',
        clientSecret: CLIENT_SECRET,
        targets: { shop: { url: `${server.url}/api`, token, audience: 'shop-api' } },
      },
      resourceServer: { audience: 'shop-api' },
    });
    return [token, m2m.for('shop').axiosRef];
  });
  ours = Object.fromEntries(made) as typeof ours;
  for (const http of Object.values(ours)) await forCaller(() => http.get('/json'));
});

afterAll(async () => {
  await endpoint[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function outcome(http: AxiosInstance, adapter: string, run: ParityCase): Promise<Outcome> {
  const notes: unknown[] = [];
  // What an aborted call of a case before may have sent since.
  server.take();
  const base = `${server.url}/api`;
  const call = async () =>
    run({ http, url: server.url, base, arrival: () => server.arrival(), note: (what) => void notes.push(what) });
  const result = await call().then(
    async (value) => ({ result: isResponse(value) ? await describeResponse(value, adapter) : value }),
    async (error: unknown) => ({ error: await describeError(error, adapter) }),
  );
  return { ...result, notes, arrived: server.take().map(normalize) };
}

/** Runs code for an inbound request, whose caller has a token for the target and for the client. */
function forCaller<T>(run: () => Promise<T>): Promise<T> {
  return inRequestOf(RELAYED, run, () => Promise.resolve(callerOf({ audience: ['shop-api'] })));
}

function isResponse(value: unknown): value is AxiosResponse {
  return typeof value === 'object' && value !== null && 'status' in value;
}

it('the cases are at least 40, and each intended difference is about one of them', () => {
  expect(Object.keys(CASES).length).toBeGreaterThanOrEqual(40);
  expect(Object.keys(INTENDED).filter((name) => !Object.hasOwn(CASES, name.replace(/^(?:http|fetch): /, '')))).toEqual(
    [],
  );
});

/** Whose token a header has: the endpoint numbers its tokens by its requests. */
function choiceOf(header: string): Choice {
  const number = Number(header.slice(header.lastIndexOf('-') + 1));
  if (number === 0) return 'relay';
  return endpoint.asked[number - 1]?.['subject_token'] === RELAYED ? 'exchange' : 'own';
}

const tokensOf = ({ headers }: Outcome['arrived'][number]) => headers.filter((header) => TOKEN.test(header));
/** A token that is relayed is not replaced. */
const NEW_TOKEN = /^http: status 401$/;

const WAYS = [
  { choice: 'own', adapter: 'http' },
  { choice: 'own', adapter: 'fetch' },
  { choice: 'relay', adapter: 'http' },
  { choice: 'exchange', adapter: 'http' },
  { choice: 'exchange', adapter: 'fetch' },
] as const;

describe.each(WAYS)(
  'the same call through axios.create() and through for() with token: $choice, over $adapter',
  ({ choice, adapter }) => {
    it.each(Object.keys(CASES).filter((name) => (ONE_ADAPTER_ONLY[name] ?? adapter) === adapter))(
      'differs in the token and in what is intended alone: %s',
      async (name) => {
        const run = (CASES as Record<string, ParityCase>)[name] as ParityCase;
        const plain: Outcome = await outcome(axios.create({ baseURL: `${server.url}/api`, adapter }), adapter, run);
        const http = ours[choice];
        http.defaults.adapter = adapter;
        const { arrived, ...got } = await forCaller(() => outcome(http, adapter, run));
        expect(arrived.flatMap(tokensOf).filter((header) => choiceOf(header) !== choice)).toEqual([]);
        const withToken = arrived.filter(({ headers }) => headers.some((header) => TOKEN.test(header))).length;
        const withoutToken = arrived.map((each) => ({
          ...each,
          headers: each.headers.filter((header) => !TOKEN.test(header)),
        }));
        const isNotReplaced = choice === 'relay' && NEW_TOKEN.test(`${adapter}: ${name}`);
        const difference = isNotReplaced ? undefined : (INTENDED[`${adapter}: ${name}`] ?? INTENDED[name]);
        const expected = (difference?.outcome?.(plain) ?? plain) as Outcome;
        const isCompared = !MAY_ARRIVE.test(name);
        expect({ ...got, arrived: isCompared ? withoutToken : expected.arrived }).toEqual(expected);
        expect(isCompared ? withToken : 0).toBe(isCompared ? (difference?.tokens ?? expected.arrived.length) : 0);
      },
    );
  },
);
