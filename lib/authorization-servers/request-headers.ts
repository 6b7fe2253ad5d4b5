import { CallbackError } from '../errors/callback.error.js';
import { callBack } from '../time/callback.js';
import type { Clock } from '../time/clock.js';
import { isObject } from '../validation/checks.js';
import type { AuthorizationServer, AuthorizationServerRequest } from './authorization-server.js';
import type { UpstreamFetch } from './discovery.js';
import { writtenUrls } from './written-urls.js';

const OPTION = 'authorizationServer.requestHeaders';

type Purpose = AuthorizationServerRequest['purpose'];
type Headers = Readonly<Record<string, string>>;

/** Headers that belong to the request itself, or that another option sets. */
const FORBIDDEN =
  /^(?:__proto__|host|content-.*|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|cookie|dpop|proxy-.*)$/;
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const VALUE = /^[\x20-\x7e]*$/;

/** Characters of the shortest value that is hidden in an answer: a shorter one may stand there by chance. */
const LEAST_HIDDEN = 8;

/**
 * The further headers of a request to an authorization server, their names in lower case. They go to the origin of the
 * issuer and to URLs of the options. Nobody is asked for those of another URL, which only the metadata names.
 *
 * @param timeout milliseconds that the function may take
 * @throws CallbackError if the function fails, or returns a header that it may not set
 */
export async function requestHeaders(
  server: AuthorizationServer,
  request: AuthorizationServerRequest,
  timeout: number,
  clock: Clock,
): Promise<Headers> {
  if (!server.requestHeaders || !isWritten(request.url, server)) return {};
  const call = async () => {
    const headers: unknown = await server.requestHeaders?.(Object.freeze(request));
    // A getter of the function's may throw, too.
    return isObject(headers) ? { ...headers } : undefined;
  };
  const returned = await callBack(OPTION, call, timeout, clock);
  if (!returned) throw new CallbackError(OPTION, 'returned something else than an object');
  const given = Object.entries(returned).filter(([, value]) => value !== undefined);
  const headers = given.map(([name, value]) => [name.toLowerCase(), value] as const);
  for (const [name, value] of headers) check(name, value, request.purpose);
  return Object.fromEntries(headers) as Record<string, string>;
}

/** Adds the further headers to requests. If an answer repeats their values, they are taken out. */
export function withRequestHeaders(
  fetch: UpstreamFetch,
  server: AuthorizationServer,
  purpose: Purpose,
  clock: Clock,
): UpstreamFetch {
  if (!server.requestHeaders) return fetch;
  return async (request) => {
    const end = clock.monotonic() + request.timeout;
    const headers = await requestHeaders(server, { purpose, url: request.url }, request.timeout, clock);
    const timeout = Math.max(0, end - clock.monotonic());
    const answer = await fetch({ ...request, headers: { ...request.headers, ...headers }, timeout });
    return { ...answer, body: without(answer.body, Object.values(headers)) };
  };
}

function isWritten(url: string, server: AuthorizationServer): boolean {
  return writtenUrls(server).includes(url) || new URL(url).origin === new URL(server.issuer).origin;
}

function check(name: string, value: unknown, purpose: Purpose): void {
  if (FORBIDDEN.test(name) || (name === 'authorization' && purpose === 'token')) {
    throw new CallbackError(OPTION, `returned the header ${name.slice(0, 40)}, which it may not set for a ${purpose}`);
  }
  if (NAME.test(name) && typeof value === 'string' && VALUE.test(value)) return;
  throw new CallbackError(OPTION, 'returned a header with a name or a value that no header can have');
}

function without(body: Buffer, values: readonly string[]): Buffer {
  const secrets = values.filter((value) => value.length >= LEAST_HIDDEN && body.includes(value));
  if (secrets.length === 0) return body;
  return Buffer.from(
    secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), body.toString('latin1')),
    'latin1',
  );
}
