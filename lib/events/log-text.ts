/** Characters of a value that a log line shows at most. */
const LONGEST = 500;

/** A value for a log line: in quotation marks, ASCII, without control characters, and cut. */
export function quoted(value: string): string {
  const cut = value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value;
  return JSON.stringify(cut).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What a subscriber of `events$` threw, as a log line. */
export function subscriberFailed(thrown: unknown): string {
  const [name, message] = thrown instanceof Error ? [thrown.name, thrown.message] : [typeof thrown, String(thrown)];
  return `A subscriber of events$ threw ${quoted(`${name}: ${message}`)}; the next time is not logged`;
}
