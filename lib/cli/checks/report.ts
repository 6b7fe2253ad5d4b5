import { inOneLine } from '../../errors/printable.js';
import type { Check } from './check.js';

const WORDS = { ok: 'ok', wrong: 'wrong', unknown: '-' } as const;

/** What was looked at, one line each, and under that what is wrong, with the lines to write. */
export function reportText(checks: readonly Check[]): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const rows = checks.map(({ name, result, seen }) =>
    inOneLine(`  ${WORDS[result].padEnd(7)}${name.padEnd(width + 2)}${seen}`).trimEnd(),
  );
  const found = checks.flatMap(({ name, finding }) => (finding ? [{ name, ...finding }] : []));
  const problems = found.flatMap(({ name, problem, remedy }) => {
    const [first = '', ...others] = remedy.split('\n').map(inOneLine);
    return ['', inOneLine(`${name}: ${problem}`), `    write: ${first}`, ...others.map((line) => `           ${line}`)];
  });
  return [...rows, ...problems].join('\n');
}

/** The same as data. */
export function reportData(checks: readonly Check[]): readonly Readonly<Record<string, unknown>>[] {
  return checks.map(({ name, result, seen, finding }) => ({
    name,
    result,
    seen,
    problem: finding?.problem,
    remedy: finding?.remedy.split('\n'),
  }));
}

/** Whether something is wrong. */
export function hasFindings(checks: readonly Check[]): boolean {
  return checks.some(({ result }) => result === 'wrong');
}
