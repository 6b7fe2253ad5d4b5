import { ClientRequest } from 'node:http';
import { Readable } from 'node:stream';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { M2MTarget } from '../../options/client-options.js';
import type { Observation } from './schemes/token-scheme.js';

type Rule = Exclude<M2MTarget['rejectedWhen'], Function | undefined>;

/**
 * What a response means for the token by the rule of its target.
 *
 * @param observed what the scheme reads in it
 */
export function applyRule(rule: Rule, observed: Observation, status: number): Observation {
  if (observed === 'again') return observed;
  const isSilent = observed === 'unexplained' || observed === 'unchallenged';
  if (rule === '401') return status === 401 ? 'rejected' : observed;
  if (rule === 'auto') return observed === 'unexplained' ? 'rejected' : observed;
  if (rule === 'invalid_token') return isSilent ? 'unknown' : observed;
  return isSilent || observed === 'rejected' ? 'unknown' : observed;
}

/**
 * What a response means by the word of the user's function.
 *
 * @param rejects `undefined` if the function failed
 */
export function applyAnswer(rejects: boolean | undefined, observed: Observation): Observation {
  if (observed === 'again') return observed;
  if (rejects) return 'rejected';
  return observed === 'accepted' && rejects === false ? observed : 'unknown';
}

/**
 * Whether a response came from where the token was sent. After a redirect, the request that was answered may be one
 * without the token: only success then tells something about the target.
 *
 * @param headers those that presented the token
 */
export function isFromTarget({ request }: AxiosResponse, headers: Readonly<Record<string, string>>): boolean {
  if (!(request instanceof ClientRequest)) return true;
  return Object.entries(headers).every(([name, value]) => request.getHeader(name) === value);
}

/** Whether a request can be sent once more. A stream is used up. */
export function isReplayable({ data }: InternalAxiosRequestConfig): boolean {
  const body: unknown = data;
  return typeof body !== 'object' || body === null || !('pipe' in body || Symbol.asyncIterator in body);
}

/** RFC 9110, section 9.2.2. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/**
 * Whether a request may be sent once more after a response with this status. A resource server that answers 401 or 403 has
 * done nothing; after another status, only idempotent requests are repeated.
 */
export function isRepeatable({ method = 'get' }: InternalAxiosRequestConfig, status: number): boolean {
  return status === 401 || status === 403 || IDEMPOTENT.has(method.toUpperCase());
}

/** Closes the body of a response that nobody gets. The http adapter's streams are Node's, the fetch adapter's the web's. */
export function discard(data: unknown): void {
  if (data instanceof Readable) data.destroy();
  if (data instanceof ReadableStream) data.cancel().catch(() => undefined);
}
