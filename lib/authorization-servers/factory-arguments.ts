import { M2MConfigurationError, type ConfigurationProblem } from '../errors/configuration.error.js';
import type { ArgumentFlaw, ArgumentRule } from './argument-rules.js';

/**
 * Checks the arguments of a factory such as `auth0({ domain })`.
 *
 * @throws M2MConfigurationError that lists all that is wrong, with the call to write instead
 */
export function checkArguments<T extends object>(
  factory: string,
  given: T,
  rules: { readonly [Name in keyof T]-?: ArgumentRule },
): void {
  const checked = Object.entries<ArgumentRule>(rules).map(([name, rule]) => {
    const value = (given as Record<string, unknown>)[name];
    return { name, value, rule, flaw: flawOf(value, rule) };
  });
  const written = checked
    .filter(({ value, flaw }) => flaw !== undefined || value !== undefined)
    .map(({ name, value, rule, flaw }) => `${name}: '${flaw ? correction(flaw, rule) : String(value)}'`);
  const remedy = `${factory}({ ${written.join(', ')} })`;
  const problems = checked.flatMap(({ name, flaw }) => (flaw ? [problemOf(`${factory}.${name}`, flaw, remedy)] : []));
  if (problems.length > 0) throw new M2MConfigurationError(problems);
}

function flawOf(value: unknown, rule: ArgumentRule): ArgumentFlaw | undefined {
  if (value === undefined) return rule.optional === true ? undefined : { problem: 'is missing', kind: 'missing' };
  if (typeof value !== 'string')
    return { problem: value === null ? 'is null' : `is not a string but a ${typeof value}` };
  if (value.trim() === '') return { problem: 'is an empty string' };
  if (value !== value.trim()) return { problem: 'begins or ends with white space', instead: value.trim() };
  return rule.flaw(value);
}

/** Never a text that may hold credentials. */
function correction({ instead }: ArgumentFlaw, { example }: ArgumentRule): string {
  return instead === undefined || instead.includes('@') ? example : instead;
}

function problemOf(option: string, { problem, kind }: ArgumentFlaw, remedy: string): ConfigurationProblem {
  return { option, problem, remedy, ...(kind && { kind }) };
}
