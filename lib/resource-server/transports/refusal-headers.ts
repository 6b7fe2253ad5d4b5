import { isObject } from '../../validation/checks.js';
import { isReply, nodeResponseOf, type M2MHttpResponse } from './m2m-http-response.js';
import type { Refusal } from './refusal.js';

type RefusalHeaders = Pick<Refusal, 'status' | 'challenge' | 'retryAfter'>;

/** A header of a response. */
interface Field {
  readonly name: string;
  readonly value: string;
}

const CHALLENGE = 'WWW-Authenticate';

/** The last refusal of each request, by Node's response. */
const refusals = new WeakMap<object, RefusalHeaders>();

/**
 * Sets the headers of a refusal. They are taken back if the response is sent with another status after all: another guard
 * may let the request in. A challenge stays on every 401 (RFC 9110, section 11.6.1), and beside those of others.
 *
 * Fastify's reply gets them, and Node's response below it, for filters that write that one.
 */
export function setRefusalHeaders(response: M2MHttpResponse, refusal: RefusalHeaders): void {
  const node = nodeResponseOf(response);
  if (node.headersSent) return;
  const before = refusals.get(node);
  if (before) remove(response, fieldsOf(before));
  else watch(response);
  refusals.set(node, refusal);
  for (const { name, value } of fieldsOf(refusal)) {
    write(response, name, name === CHALLENGE ? [...valuesOf(response.getHeader(name)), value] : [value]);
  }
}

/** Node's one way to send a response's head, as `end()` and `write()` do too. */
function watch(response: M2MHttpResponse): void {
  const node = nodeResponseOf(response);
  const { writeHead } = node;
  node.writeHead = (status: number | string, ...more: unknown[]): unknown => {
    const fields = untrueFields(Number(status), refusals.get(node));
    remove(response, fields);
    // Nest copies the headers that are set into those of a stream of events.
    const others = fields.length === 0 ? more : more.map((each) => withoutFields(each, fields));
    return Reflect.apply(writeHead, node, [status, ...others]);
  };
}

function fieldsOf({ challenge, retryAfter }: RefusalHeaders): Field[] {
  const fields = [
    { name: CHALLENGE, value: challenge },
    { name: 'Retry-After', value: retryAfter?.toString() },
  ];
  return fields.filter((field): field is Field => field.value !== undefined);
}

/** The headers of a refusal that would not be true on a response with a status. */
function untrueFields(status: number, refusal: RefusalHeaders | undefined): Field[] {
  if (!refusal || refusal.status === status) return [];
  return fieldsOf(refusal).filter(({ name }) => status !== 401 || name !== CHALLENGE);
}

/** Removes values of headers, and leaves those of others. */
function remove(response: M2MHttpResponse, fields: readonly Field[]): void {
  for (const { name, value } of fields) {
    const values = valuesOf(response.getHeader(name));
    const others = values.filter((each) => each !== value);
    if (others.length < values.length) write(response, name, others);
  }
}

/** The headers that are given to `writeHead` without some values; what else is given to it as it is. */
function withoutFields(given: unknown, fields: readonly Field[]): unknown {
  if (!isObject(given)) return given;
  const kept = Object.entries(given).map(([name, value]): [string, unknown] => {
    const field = fields.find((each) => each.name.toLowerCase() === name.toLowerCase());
    return [name, field ? valuesOf(value).filter((each) => each !== field.value) : value];
  });
  return Object.fromEntries(kept.filter(([, value]) => !Array.isArray(value) || value.length > 0));
}

function valuesOf(header: unknown): string[] {
  return header === undefined ? [] : [header].flat().map(String);
}

function write(response: M2MHttpResponse, name: string, values: readonly string[]): void {
  const node = nodeResponseOf(response);
  const [first, ...others] = values;
  if (first === undefined) {
    response.removeHeader(name);
    node.removeHeader(name);
    return;
  }
  const value = others.length === 0 ? first : values;
  if (isReply(response)) response.header(name, value);
  node.setHeader(name, value);
}
