import { M2MConfigurationError, type ConfigurationProblem } from '../errors/configuration.error.js';

/** What is wrong with an argument. */
export interface ArgumentFlaw {
  /** What was found, never a value that may be secret. */
  readonly problem: string;
  /** The value to write, if the wrong one shows it. */
  readonly instead?: string | undefined;
  /** `missing` if the argument is needed and was not given. */
  readonly kind?: ConfigurationProblem['kind'];
}

/** What an argument of a factory must be. */
export interface ArgumentRule {
  /** A value to write if the wrong one shows none. */
  readonly example: string;
  /** Whether it may be left out. @default false */
  readonly optional?: boolean;
  /** Finds what is wrong with a text that is not empty. */
  readonly flaw: (value: string) => ArgumentFlaw | undefined;
}

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
    const flaw = flawOf(value, rule);
    return { name, flaw, written: flaw ? correction(flaw, rule) : value };
  });
  const written = checked.filter((each) => each.written !== undefined);
  const remedy = `${factory}({ ${written.map((each) => `${each.name}: '${String(each.written)}'`).join(', ')} })`;
  const problems = checked.flatMap(({ name, flaw }): ConfigurationProblem[] => {
    if (!flaw) return [];
    const { problem, kind } = flaw;
    return [{ option: `${factory}.${name}`, problem, remedy, ...(kind && { kind }) }];
  });
  if (problems.length > 0) throw new M2MConfigurationError(problems);
}

function flawOf(value: unknown, rule: ArgumentRule): ArgumentFlaw | undefined {
  if (value === undefined) return rule.optional === true ? undefined : { problem: 'is missing', kind: 'missing' };
  if (value === null) return { problem: 'is null' };
  if (typeof value !== 'string') return { problem: `is not a string but a ${typeof value}` };
  if (value.trim() === '') return { problem: 'is an empty string' };
  if (value !== value.trim()) return { problem: 'begins or ends with white space', instead: value.trim() };
  return rule.flaw(value);
}

/** Never a text that may hold credentials. */
function correction({ instead }: ArgumentFlaw, { example }: ArgumentRule): string {
  return instead === undefined || instead.includes('@') ? example : instead;
}
