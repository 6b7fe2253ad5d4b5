import { M2MConfigurationError, type ConfigurationProblem } from '../errors/configuration.error.js';

/** Gathers everything that is wrong, so that a user reads it once and not one error a start. */
export class Problems {
  private readonly found: ConfigurationProblem[] = [];

  get count(): number {
    return this.found.length;
  }

  add(option: string, problem: string, remedy: string): void {
    this.found.push({ option, problem, remedy });
  }

  /** Runs code that throws configuration errors of its own, and puts its problems below a path. */
  collect<T>(
    path: string,
    run: () => T,
    wanted: (problem: ConfigurationProblem) => boolean = () => true,
  ): T | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof M2MConfigurationError)) throw error;
      const problems = error.problems.filter(wanted);
      this.found.push(
        ...problems.map((problem) => ({ ...problem, option: path ? `${path}.${problem.option}` : problem.option })),
      );
      return undefined;
    }
  }

  throwIfAny(): void {
    if (this.found.length > 0) throw new M2MConfigurationError(this.found);
  }
}

/** What may be shown of a value in a message: its kind, never a text that might be a secret. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is null';
  if (value === '') return 'is an empty string';
  if (Array.isArray(value)) return value.length === 0 ? 'is an empty array' : 'is an array';
  if (typeof value === 'number' || typeof value === 'boolean') return `is ${value}`;
  return `is ${/^[aeiou]/.test(typeof value) ? 'an' : 'a'} ${typeof value}`;
}

/** The option's own name: the last part of its path. */
export function optionName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
