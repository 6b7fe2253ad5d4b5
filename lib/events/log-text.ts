import { classOf } from '../errors/class-of.js';
import { cut, escaped } from '../errors/printable.js';

/** Characters of a value that a log line shows at most. */
const LONGEST = 500;

/** Items of a list that a log line shows at most. */
const MOST_ITEMS = 10;

/** A value that is no longer than a log line shows. */
export function cutForLog(value: string): string {
  return cut(value, LONGEST);
}

/** A value for a log line: in quotation marks, ASCII, without control characters, and cut. */
export function quoted(value: string): string {
  return escaped(JSON.stringify(cutForLog(value)));
}

/** A list of values for a log line, cut. */
export function quotedList(values: readonly string[]): string {
  const more = values.length > MOST_ITEMS ? `, and ${values.length - MOST_ITEMS} more` : '';
  return `[${values.slice(0, MOST_ITEMS).map(quoted).join(', ')}${more}]`;
}

/** What a subscriber of `events$` threw, as a log line. */
export function subscriberFailed(thrown: unknown): string {
  const [name, message] = thrown instanceof Error ? [thrown.name, thrown.message] : [typeof thrown, String(thrown)];
  return failed('events$', `${name}: ${message}`);
}

/** The same of `changes$`, whose values are tokens: only the class is shown, because a message may repeat them. */
export function keptSubscriberFailed(thrown: unknown): string {
  return failed('changes$', classOf(thrown));
}

function failed(source: string, thrown: string): string {
  return `A subscriber of ${source} threw ${quoted(thrown)}; the next time is not logged`;
}
