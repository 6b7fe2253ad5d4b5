import { isObject } from '../../validation/checks.js';
import type { M2MRequest } from './m2m-request.js';

const AUTHORIZATION = 'authorization';

/** By Node's request that opened a connection: its credentials are read once, so that it has one caller. */
const opened = new WeakMap<object, M2MRequest>();

/**
 * The request that opened a WebSocket, with the Authorization that came in the parameters of the connection. If one came in
 * its headers as well, there are two, which is refused as two headers are.
 *
 * @param node Node's request below it
 * @param params what the client sent first: the `payload` of `connection_init`
 */
export function connectionRequest(node: object, request: M2MRequest, params: unknown): M2MRequest {
  const known = opened.get(node);
  if (known) return known;
  const values = [...inHeaders(request), ...inParams(params)];
  const headers = Object.entries(request.headers).filter(([name]) => !isAuthorization(name));
  const [only, ...more] = values;
  const authorization = more.length === 0 && typeof only === 'string' ? only : values.map(textOf);
  const credentials = values.length === 0 ? {} : { [AUTHORIZATION]: authorization };
  const made = Object.create(request, {
    headers: { value: { ...Object.fromEntries(headers), ...credentials }, enumerable: true },
  }) as M2MRequest;
  opened.set(node, made);
  return made;
}

/** Mercurius copies the parameters into the headers: those that came as headers are raw. */
function inHeaders(request: M2MRequest): unknown[] {
  const names = request.rawHeaders ?? request.raw?.rawHeaders;
  if (names) return names.filter((_text, index) => index % 2 === 1 && isAuthorization(names[index - 1] ?? ''));
  return authorizationsOf(request.headers);
}

/** Mercurius takes `headers` of the parameters for headers, too. */
function inParams(params: unknown): unknown[] {
  if (!isObject(params)) return [];
  return [...authorizationsOf(params), ...authorizationsOf(params['headers'])];
}

function authorizationsOf(fields: unknown): unknown[] {
  if (!isObject(fields)) return [];
  const values = Object.entries(fields).filter(([name]) => isAuthorization(name));
  return values.map(([, value]) => value).filter((value) => value !== undefined && value !== null);
}

/** What is no text is malformed whatever it is, and may have a `toString` that is none. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isAuthorization(name: string): boolean {
  return name.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION;
}
