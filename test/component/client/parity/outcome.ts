import { isReadable, Readable } from 'node:stream';
import { types } from 'node:util';
import axios, { type AxiosResponse } from 'axios';
import type { Arrived } from './server.js';

/** What a server saw of a call, and what the caller got. */
export interface Outcome {
  readonly arrived: readonly Arrived[];
  readonly result?: unknown;
  readonly error?: unknown;
  readonly notes: readonly unknown[];
}

/** Boundaries of forms are random. */
const BOUNDARY = /(?:axios-[\d.]+-boundary-|formdata-undici-0?|-{20,})[\w-]{8,}/g;

const withoutBoundary = (text: string): string => text.replace(BOUNDARY, 'BOUNDARY');

/** A request without its boundary and its length, which depends on it. */
export function normalize({ body, headers, ...rest }: Arrived): Arrived {
  const isForm = headers.some((header) => BOUNDARY.test(header));
  BOUNDARY.lastIndex = 0;
  const kept = headers.filter((header) => !(isForm && /^content-length/i.test(header)));
  return { ...rest, body: withoutBoundary(body), headers: kept.map(withoutBoundary).toSorted() };
}

/** A response as a value that can be compared. */
export async function describeResponse(response: AxiosResponse, adapter: string): Promise<unknown> {
  const { status, statusText, headers, data, config, request, ...more } = response;
  const { date: _, ...compared } = Object.fromEntries(Object.entries(headers));
  return {
    status,
    statusText,
    headers: compared,
    headersClass: headers instanceof axios.AxiosHeaders,
    data: await describeData(data),
    config: describeConfig(config),
    // Plain Axios does not always know it.
    responseUrl: adapter === 'http' && config.maxRedirects !== 0 && request ? responseUrl(request) : undefined,
    more: Object.keys(more),
  };
}

/** An error as a value that can be compared. */
export async function describeError(error: unknown, adapter: string): Promise<unknown> {
  // An error of Node's own comes from another realm than that of a test.
  if (!(types.isNativeError(error) || error instanceof Error)) return { thrown: String(error) };
  const { message, response, config, cause, code, status } = error as {
    // Axios makes messages of reasons, which may be anything.
    message: unknown;
    response?: AxiosResponse;
    config?: object;
    cause?: unknown;
    code?: string;
    status?: number;
  };
  return {
    class: error.constructor.name,
    name: error.name,
    message: withoutBoundary(String(message)),
    code,
    status,
    isAxiosError: axios.isAxiosError(error),
    isCancel: axios.isCancel(error),
    fields: Object.keys(error).toSorted(),
    config: config && describeConfig(config),
    response: response && (await describeResponse(response, adapter)),
    cause: types.isNativeError(cause) ? [cause.name, cause.message, (cause as { code?: string }).code] : String(cause),
  };
}

function responseUrl(request: unknown): unknown {
  const { res, responseURL } = (request ?? {}) as { res?: { responseUrl?: string }; responseURL?: string };
  return res?.responseUrl ?? responseURL;
}

/** The adapter's wrapper is ours, and it gets a copy of the headers: what it adds is not seen in the caller's config. */
const OF_THE_ADAPTER: ReadonlySet<string> = new Set([
  'user-agent',
  'accept-encoding',
  'content-length',
  'content-type',
]);

/** The fields of a config without what is meant to differ in every call: the adapter, and the headers that it adds. */
function describeConfig(config: object): unknown {
  const { adapter: _, env: __, headers, transitional, ...rest } = config as Record<string, unknown>;
  // Those that are as Axios has them may be left out.
  const defaults: object = axios.defaults.transitional ?? {};
  const changed = Object.entries({ ...(transitional as object) }).filter(
    ([name, value]) => value !== (defaults as Record<string, unknown>)[name],
  );
  const kept = Object.entries({ ...(headers as object) }).filter(([name]) => !OF_THE_ADAPTER.has(name.toLowerCase()));
  const entries = Object.entries({
    ...rest,
    transitional: Object.fromEntries(changed),
    headers: Object.fromEntries(kept),
  });
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined).map(([name, value]) => [name, describeField(value)]),
  );
}

function describeField(value: unknown): unknown {
  if (typeof value === 'function') return 'function';
  if (typeof value === 'symbol') return String(value);
  if (Array.isArray(value)) return value.map(describeField);
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? withoutBoundary(value) : value;
  const plain = [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);
  if (plain || value instanceof axios.AxiosHeaders) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, describeField(member)]));
  }
  return value.constructor.name;
}

async function describeData(data: unknown): Promise<unknown> {
  if (Buffer.isBuffer(data)) return ['Buffer', data.toString('hex')];
  if (data instanceof ArrayBuffer) return ['ArrayBuffer', Buffer.from(data).toString('hex')];
  if (data instanceof Blob) return ['Blob', data.type, await data.text()];
  if (data instanceof FormData) return ['FormData', [...data]];
  if (data instanceof Response) return ['Response', data.status, await data.text()];
  if (data instanceof Readable) return ['Readable', isReadable(data), await read(data)];
  if (data instanceof ReadableStream) return ['ReadableStream', await read(data)];
  return data;
}

async function read(stream: Readable | ReadableStream): Promise<unknown> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  } catch (error) {
    return ['failed', (error as Error).message, (error as { code?: string }).code];
  }
  return Buffer.concat(chunks).toString('hex');
}
