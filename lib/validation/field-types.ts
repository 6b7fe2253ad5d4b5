import type { RemedyLine } from '../errors/configuration.error.js';
import { isText } from './checks.js';
import { custom, type Field } from './fields.js';
import { optionName } from './option-path.js';
import { describeList, describeValue } from './problems.js';
import { similarName } from './similar-name.js';

// `NoInfer`: without it a table's own type would be taken for the type of the default.

interface FieldRule<Accepted, Resolved, Default> {
  readonly accepts: (value: unknown) => value is Accepted;
  /** What is wrong with a value that is not accepted. @default its kind */
  readonly problem?: (value: unknown) => string;
  /** A value to write instead: its source code, or the lines. */
  readonly example: string | ((option: string) => readonly RemedyLine[]);
  readonly default?: Default;
  /** Makes the resolved value. @default the value itself, by reference */
  readonly resolve?: (value: Accepted) => Resolved;
}

/** An option that one predicate decides about. */
export function field<Accepted, Resolved = Accepted, Default = undefined>(
  rule: FieldRule<Accepted, Resolved, Default>,
): Field<NoInfer<Resolved | Default>> {
  const { accepts, problem = describeValue, example, resolve } = rule;
  const fallback = rule.default as Default;
  return custom<Resolved | Default>((problems, path, value) => {
    if (accepts(value)) return resolve ? resolve(value) : (value as unknown as Resolved);
    const remedy = typeof example === 'string' ? `${optionName(path)}: ${example}` : example(path);
    problems.add(path, problem(value), remedy);
    return fallback;
  }, fallback);
}

/** An option that is passed on as it is. */
export function anything<Value>(): Field<Value | undefined> {
  return custom<Value | undefined>((_problems, _path, value) => value as Value);
}

/** A string that is not empty. */
export function text(example: string): Field<string | undefined> {
  return field({ accepts: isText, example: (option) => [{ option, value: example }] });
}

/** A function. */
export function method<Method>(example: string, fallback?: Method): Field<Method> {
  return field({
    accepts: (value): value is Method => typeof value === 'function',
    problem: (value) => `${describeValue(value)}, not a function`,
    example,
    default: fallback,
  });
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[], fallback: NoInfer<Word>): Field<Word> {
  return custom<Word>((problems, path, value) => {
    if (words.includes(value as Word)) return value as Word;
    const found = isMisspelt(value, words) ? `is '${value}'` : describeValue(value);
    const lines = words.map((word) => ({ option: path, value: word }));
    problems.add(path, `${found}, not one of its words`, lines);
    return fallback;
  }, fallback);
}

/** Whether a text is so close to one of the words that it is no secret, and may be shown. */
function isMisspelt(value: unknown, words: readonly string[]): value is string {
  const longest = Math.max(...words.map(({ length }) => length)) + 2;
  return (
    typeof value === 'string' && /^[a-z+-]+$/i.test(value) && value.length <= longest && !!similarName(value, words)
  );
}

interface NumberRule<Default> {
  /** @default 0 */
  readonly least?: number;
  readonly most?: number;
  /** A value to write instead. @default the default */
  readonly example?: number;
  readonly default?: Default;
  /** What it counts, for messages. */
  readonly unit?: string;
}

/** A whole number within bounds. */
export function wholeNumber<Default = undefined>(rule: NumberRule<Default>): Field<NoInfer<number | Default>> {
  const { least = 0, most = Number.MAX_SAFE_INTEGER, example = rule.default, unit } = rule;
  const bounds = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  const expected = `a whole number ${bounds}${unit ? ` ${unit}` : ''}`;
  return field({
    accepts: (value): value is number => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
    problem: (value) => `${describeValue(value)}, not ${expected}`,
    example: String(example),
    default: rule.default,
  });
}

/** Milliseconds. Less than a second is refused, because it is most likely meant in seconds. */
export function duration<Default = undefined>(rule: NumberRule<Default>): Field<NoInfer<number | Default>> {
  const inMilliseconds = wholeNumber({ ...rule, unit: 'milliseconds' });
  return custom<number | Default>((problems, path, value) => {
    if (typeof value !== 'number' || value < 1 || value > 999) return inMilliseconds.read(problems, path, value);
    const remedy = `${optionName(path)}: ${value * 1000}, if ${value} seconds are meant`;
    problems.add(path, `is ${value}, which is in milliseconds`, remedy);
    return rule.default as Default;
  }, rule.default);
}

interface ListRule<Item, Default> {
  readonly of: (value: unknown) => value is Item;
  /** What the items are, for messages. */
  readonly items: string;
  /** A list to write instead: the source code of its items, or the list. */
  readonly example: string | readonly string[];
  readonly mayBeEmpty?: boolean;
  readonly default?: Default;
}

/** A list, resolved to a frozen copy. */
export function list<Item, Default = undefined>(
  rule: ListRule<Item, Default>,
): Field<NoInfer<readonly Item[] | Default>> {
  const { of, items, example, mayBeEmpty = false } = rule;
  return field({
    accepts: (value): value is readonly Item[] =>
      Array.isArray(value) && (mayBeEmpty || value.length > 0) && value.every(of),
    problem: (value) =>
      value === undefined ? describeValue(value) : `${describeList(value, of)}, not a list of ${items}`,
    example: typeof example === 'string' ? `[${example}]` : (option) => [{ option, value: example }],
    default: rule.default,
    resolve: (value): readonly Item[] => Object.freeze([...value]),
  });
}

/** A list of strings, none of them empty. */
export function texts(example: string, mayBeEmpty = false): Field<readonly string[] | undefined> {
  return list({ of: isText, items: 'names', example: [example], mayBeEmpty });
}
