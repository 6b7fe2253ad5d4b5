import type { ConfigurationProblem, RemedyLine } from '../errors/configuration.error.js';
import { optionName } from './option-path.js';

/** A problem whose remedy is values of options. Of several lines one is enough. */
export function problemWith(option: string, problem: string, lines: readonly RemedyLine[]): ConfigurationProblem {
  return { option, problem, remedy: lines.map(inSource).join('\nor '), lines };
}

/** A line of a remedy as source code. */
function inSource({ option, value, note }: RemedyLine): string {
  const name = optionName(option);
  const line = value === undefined ? `no ${name}` : `${name}: ${sourceOf(value)}`;
  return note === undefined ? line : `${line}, ${note}`;
}

/** Strings, lists and plain objects of them as source code. */
function sourceOf(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(sourceOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(([name, member]) => `${name}: ${sourceOf(member)}`);
  return `{ ${members.join(', ')} }`;
}
