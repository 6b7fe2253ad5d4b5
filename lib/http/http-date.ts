/**
 * Reads a date of HTTP, in any of its three forms. Milliseconds since the epoch; `undefined` for any other text.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 RFC 9110, section 5.6.7}
 */
export function httpDate(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[\w, -]* \d\d:\d\d:\d\d(?: GMT| \d{4})$/.test(trimmed)) return undefined;
  const date = Date.parse(trimmed.endsWith(' GMT') ? trimmed : `${trimmed} GMT`);
  return Number.isNaN(date) ? undefined : date;
}
