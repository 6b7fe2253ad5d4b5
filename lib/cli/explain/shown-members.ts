import { cutForLog } from '../../events/log-text.js';

/** The members of a header or of claims as a report may show them: cut. */
export function shownMembers(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return shown(members) as Readonly<Record<string, unknown>>;
}

function shown(value: unknown): unknown {
  if (typeof value === 'string') return cutForLog(value);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [cutForLog(name), shown(member)]));
}
