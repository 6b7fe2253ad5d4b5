import type { Claims } from '../../../authorization-servers/authorization-server.js';
import { httpDate } from '../../../http/http-date.js';

/** Milliseconds, a year: a longer lifetime means "for ever". */
const LONGEST_LIFETIME = 365 * 24 * 60 * 60 * 1000;

/** What an answer says about the end of its token. */
export interface StatedLifetime {
  /** Its `expires_in`, in seconds. Anything but a number says nothing. */
  readonly expiresIn: unknown;
  /** The claims of the token, if it is a JWT. */
  readonly claims: Claims | undefined;
  /** When it was sent, by the clock of the server, in milliseconds since the epoch: {@link sentAt}. */
  readonly sentAt: number | undefined;
  /** Milliseconds that it lay in a cache: {@link ageOf}. `expires_in` is older by that. */
  readonly age: number;
  /** When it came, by the clock of this process, in milliseconds since the epoch. */
  readonly receivedAt: number;
}

/**
 * Milliseconds from the answer until its token expires: by `expires_in` or by the JWT, whichever is earlier. 0 if it has
 * expired already, as in an answer that came out of a cache. The clock of this process counts only if the answer is
 * dated after the end of the JWT: the clock behind that date may be wrong.
 *
 * @param unstated milliseconds, if neither says anything
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.1 RFC 6749, section 5.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4 RFC 7519, section 4.1.4}
 */
export function tokenLifetime(
  { expiresIn, claims, sentAt: sent, age, receivedAt }: StatedLifetime,
  unstated: number,
): number {
  const inAnswer = seconds(expiresIn);
  const left = inAnswer === undefined ? undefined : inAnswer - age;
  const stated = [left, claims && lifetimeIn(claims, sent, receivedAt)].filter((value) => value !== undefined);
  const lifetime = stated.length === 0 ? unstated : Math.min(...stated);
  return Math.min(Math.max(0, lifetime), LONGEST_LIFETIME);
}

/**
 * When an answer was sent, by the clock of the server. An answer out of a cache has the date at which it was made, and
 * its age.
 *
 * @param headers names in lower case
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111#section-5.1 RFC 9111, section 5.1}
 */
export function sentAt(headers: Readonly<Record<string, string>>): number | undefined {
  const date = httpDate(headers['date'] ?? '');
  return date === undefined ? undefined : date + ageOf(headers);
}

/**
 * Milliseconds that the clock of a server is ahead of this one. Its date has whole seconds: the middle of one is taken.
 *
 * @param headers names in lower case
 * @param receivedAt milliseconds since the epoch
 */
export function clockSkew(headers: Readonly<Record<string, string>>, receivedAt: number): number | undefined {
  const sent = sentAt(headers);
  return sent === undefined ? undefined : sent + 500 - receivedAt;
}

/**
 * Milliseconds that an answer lay in a cache, 0 if it does not say so.
 *
 * @param headers names in lower case
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111#section-5.1 RFC 9111, section 5.1}
 */
export function ageOf(headers: Readonly<Record<string, string>>): number {
  const age = seconds(headers['age']?.trim());
  return Math.min(Math.max(0, age ?? 0), LONGEST_LIFETIME);
}

/** Milliseconds from a number of seconds, or from the text of one. */
function seconds(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && !Number.isNaN(number) ? number * 1000 : undefined;
}

/** From its issue or from the date of the answer, whichever is later: a server may have several clocks. */
function lifetimeIn({ exp, iat }: Claims, sent: number | undefined, receivedAt: number): number | undefined {
  if (typeof exp !== 'number') return undefined;
  const end = exp * 1000;
  const issuedAt = typeof iat === 'number' ? iat * 1000 : undefined;
  if (issuedAt !== undefined && end <= issuedAt) return undefined;
  const begin = Math.max(issuedAt ?? -Infinity, sent ?? -Infinity);
  if (begin === -Infinity) return undefined;
  return end <= begin && issuedAt !== undefined ? end - Math.max(issuedAt, receivedAt) : end - begin;
}
