import { httpDate } from './http-date.js';

/** Seconds for which a server may keep requests away. */
export const LONGEST_DICTATED_PAUSE = 60 * 60;

/** Headers with the end of a period in which no more requests are taken: of the IETF's draft, GitHub, Okta and others. */
const RESETS = [
  'ratelimit-reset',
  'x-ratelimit-reset',
  'x-rate-limit-reset',
  'x-ratelimit-reset-after',
  'x-rate-limit-reset-after',
];

/**
 * Reads how long a server wants no requests, in seconds, at most an hour: `Retry-After`, or else, with status 429, when
 * its rate limit is reset. A number above 1e9 is a time in seconds since the epoch, one above 1e12 in milliseconds.
 *
 * @param answer.headers names in lower case
 * @param now milliseconds since the epoch
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 RFC 9110, section 10.2.3}
 */
export function readRetryAfter(
  { status, headers }: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  now: number,
): number | undefined {
  // Dates are by the server's clock, which may be wrong.
  const since = httpDate(headers['date'] ?? '') ?? now;
  // better-auth spells it x-retry-after.
  const texts = [headers['retry-after'], headers['x-retry-after']];
  if (status === 429) texts.push(...RESETS.map((name) => headers[name]), structuredReset(headers['ratelimit']));
  for (const text of texts) {
    const pause = text === undefined ? undefined : secondsUntil(text, since);
    if (pause !== undefined) return Math.min(Math.max(0, Math.ceil(pause)), LONGEST_DICTATED_PAUSE);
  }
  return undefined;
}

function secondsUntil(text: string, since: number): number | undefined {
  if (!/^\d+(\.\d+)?$/.test(text.trim())) {
    const date = httpDate(text);
    return date === undefined ? undefined : (date - since) / 1000;
  }
  const number = Number(text);
  if (number > 1e12) return (number - since) / 1000;
  return number > 1e9 ? number - since / 1000 : number;
}

/** The parameter of `RateLimit: "default";r=0;t=30`, or of its older form `limit=10, remaining=0, reset=30`. */
function structuredReset(text: string | undefined): string | undefined {
  return /(?:^|[;,\s])(?:t|reset)=(\d+)/.exec(text ?? '')?.[1];
}
