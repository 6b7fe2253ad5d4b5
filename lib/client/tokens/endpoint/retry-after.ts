/** Seconds, 68 years: RFC 9111, section 1.2.2 reads longer times as this. */
const FOR_EVER = 2 ** 31;

/**
 * Reads `Retry-After`, in seconds.
 *
 * @param headers names in lower case
 * @param now milliseconds since the epoch
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 RFC 9110, section 10.2.3}
 */
export function readRetryAfter(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  // better-auth spells it x-retry-after.
  const text = (headers['retry-after'] ?? headers['x-retry-after'])?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), FOR_EVER);
  const until = httpDate(text);
  if (until === undefined) return undefined;
  // Both dates are by the server's clock, which may be wrong.
  const since = httpDate(headers['date']?.trim() ?? '') ?? now;
  return Math.min(Math.max(0, Math.ceil((until - since) / 1000)), FOR_EVER);
}

/** Milliseconds since the epoch, from one of the three forms of RFC 9110, section 5.6.7. */
function httpDate(text: string): number | undefined {
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[\w, -]* \d\d:\d\d:\d\d(?: GMT| \d{4})$/.test(text)) return undefined;
  const date = Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : date;
}
