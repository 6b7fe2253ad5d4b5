import type { ConfigurationProblem } from '../../../lib/errors/configuration.error.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { Problems } from '../../../lib/validation/problems.js';

/** The problems that a check adds. */
export function problemsIn(check: (problems: Problems) => unknown): readonly ConfigurationProblem[] {
  const problems = new Problems();
  check(problems);
  try {
    problems.throwIfAny();
    return [];
  } catch (error) {
    if (error instanceof M2MConfigurationError) return error.problems;
    throw error;
  }
}
