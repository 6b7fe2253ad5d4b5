import { M2MConfigurationError, type ConfigurationProblem, type RemedyLine } from '../errors/configuration.error.js';
import { hasCode } from '../errors/has-code.js';
import { pathTo } from './option-path.js';
import { problemWith } from './remedy.js';

/** Which problems to add. */
export type ProblemFilter = (problem: ConfigurationProblem) => boolean;

/** Gathers everything that is wrong, so that a user reads all of it at one start. */
export class Problems {
  private readonly found: ConfigurationProblem[] = [];

  get count(): number {
    return this.found.length;
  }

  /** Whether something is wrong with an option already. */
  has(option: string): boolean {
    return this.found.some((problem) => problem.option === option);
  }

  /** @param remedy the text, or the lines as data */
  add(option: string, problem: string, remedy: string | readonly RemedyLine[]): void {
    this.found.push(typeof remedy === 'string' ? { option, problem, remedy } : problemWith(option, problem, remedy));
  }

  /**
   * Runs code that throws configuration errors of its own, and adds its problems under a path.
   *
   * @param includes which of its problems to add. Default: all
   * @returns the code's result, `undefined` after a configuration error
   */
  collect<T>(path: string, run: () => T, includes: ProblemFilter = () => true): T | undefined {
    try {
      return run();
    } catch (error) {
      const problems = problemsOf(error).filter(includes);
      this.found.push(...problems.map((problem) => under(path, problem)));
      return undefined;
    }
  }

  /** @throws M2MConfigurationError with everything that was added */
  throwIfAny(): void {
    if (this.found.length > 0) throw new M2MConfigurationError(this.found);
  }
}

function under<T extends ConfigurationProblem | RemedyLine>(path: string, { ...named }: T): T {
  const option = pathTo(path, named.option);
  if (!('lines' in named) || !named.lines) return { ...named, option };
  return { ...named, option, lines: named.lines.map((line) => under(path, line)) };
}

/**
 * Runs code that throws configuration errors, and says their problems in other terms, each once.
 *
 * @throws M2MConfigurationError
 */
export function inTermsOf<T>(translate: (problem: ConfigurationProblem) => ConfigurationProblem, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const problems = problemsOf(error).map(translate);
    throw new M2MConfigurationError(problems.filter((each, index) => problems.findIndex(isSameAs(each)) === index));
  }
}

/** The problems that a configuration error lists. Another copy of this package may write them in another form. */
function problemsOf(error: unknown): readonly ConfigurationProblem[] {
  if (!hasCode(error, 'ERR_M2M_CONFIGURATION')) throw error;
  const problems: unknown = error.problems;
  if (!Array.isArray(problems)) throw error;
  return error.problems;
}

function isSameAs(one: ConfigurationProblem): (other: ConfigurationProblem) => boolean {
  return (other) => other.option === one.option && other.problem === one.problem;
}

/** What a message may show of a value: its kind, never a text that might be a secret. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is null';
  if (value === '') return 'is an empty string';
  if (Array.isArray(value)) return value.length === 0 ? 'is an empty array' : 'is an array';
  if (typeof value === 'number' || typeof value === 'boolean') return `is ${value}`;
  return `is ${/^[aeiou]/.test(typeof value) ? 'an' : 'a'} ${typeof value}`;
}

/** What a message may show of a value that should be a list: the kind of its first wrong element, if it is one. */
export function describeList(value: unknown, isElement: (element: unknown) => boolean): string {
  const index = Array.isArray(value) ? value.findIndex((element) => !isElement(element)) : -1;
  return index < 0
    ? describeValue(value)
    : `is an array whose [${index}] ${describeValue((value as unknown[])[index])}`;
}
