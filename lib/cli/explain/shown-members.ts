import { cutForLog } from '../../events/log-text.js';

/** A text as a report may show it. */
export type Hide = (text: string) => string;

/** The members of a header or of claims as a report may show them: cut. */
export function shownMembers(
  members: Readonly<Record<string, unknown>>,
  hide: Hide = String,
): Readonly<Record<string, unknown>> {
  return shown(members, (text) => cutForLog(hide(text))) as Readonly<Record<string, unknown>>;
}

function shown(value: unknown, textOf: Hide): unknown {
  if (typeof value === 'string') return textOf(value);
  if (Array.isArray(value)) return value.map((each) => shown(each, textOf));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [textOf(name), shown(member, textOf)]));
}
