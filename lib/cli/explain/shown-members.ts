import { cutForLog } from '../../events/log-text.js';

/** What may be a token within a token: a JWT, or a part of one that can be used. */
const TOKEN = /ey[\w-]{10,}\.[\w-]+(?:\.[\w-]*)*/g;

/** The members of a header or of claims as a report may show them: cut, and without tokens that stand in them. */
export function shownMembers(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return shown(members) as Readonly<Record<string, unknown>>;
}

function shown(value: unknown): unknown {
  if (typeof value === 'string') return cutForLog(value.replaceAll(TOKEN, '[token]'));
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [cutForLog(name), shown(member)]));
}
