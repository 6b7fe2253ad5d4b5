import type { ConfigurationProblem } from '../../errors/configuration.error.js';
import { inOneLine } from '../../errors/printable.js';
import { inTermsOf } from '../../validation/problems.js';

/** An OAuth client of the options in words. @param name `undefined`: the module's own */
export function clientInWords(name: string | undefined): string {
  return name === undefined ? "the module's own client" : `the client ${inOneLine(name)}`;
}

/**
 * Runs code that throws configuration errors, and says which client each problem is for.
 *
 * @throws M2MConfigurationError
 */
export function inTermsOfClient<T>(name: string | undefined, run: () => T): T {
  const suffix = ` (for ${clientInWords(name)})`;
  return inTermsOf(({ problem, ...rest }: ConfigurationProblem) => ({ ...rest, problem: problem + suffix }), run);
}
