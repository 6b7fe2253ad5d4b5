import type { AuthorizationServerState } from './authorization-server-state.js';
import type { Answer, ReceivedRequest } from './received-request.js';

/**
 * The answer to a browser that asks whether a page may send a request; `undefined` for any other request.
 *
 * @see {@link https://fetch.spec.whatwg.org/#http-cors-protocol Fetch: CORS protocol}
 */
export function preflightAnswer(state: AuthorizationServerState, request: ReceivedRequest): Answer | undefined {
  const { method, headers } = request;
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return undefined;
  const origin = allowOrigin(state, request);
  if (!origin) return undefined;
  const requested = headers['access-control-request-headers'] ?? '';
  const allowed = { 'access-control-allow-methods': 'GET, POST', 'access-control-allow-headers': requested };
  return { status: 204, headers: { ...origin, ...allowed }, body: '' };
}

/** An answer that a page of an allowed origin may read. */
export function readableAcrossOrigins(
  state: AuthorizationServerState,
  request: ReceivedRequest,
  answer: Answer,
): Answer {
  return { ...answer, headers: { ...answer.headers, ...allowOrigin(state, request) } };
}

function allowOrigin(
  { allowedOrigins }: AuthorizationServerState,
  { headers: { origin } }: ReceivedRequest,
): Readonly<Record<string, string>> | undefined {
  if (origin === undefined || !allowedOrigins.includes(origin)) return undefined;
  return { 'access-control-allow-origin': origin, vary: 'Origin' };
}
