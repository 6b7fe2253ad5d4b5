import { describe } from '@jest/globals';

const isRequired = process.env['CI'] === 'true';

/**
 * `describe` for tests that need something on this machine. They are skipped if it is missing, but not in CI.
 *
 * @param tests what they test, for the message
 * @param packages those of Debian that have it
 * @param needed each by its name, and whether it is there
 */
export function describeWith(
  tests: string,
  packages: string,
  needed: readonly (readonly [name: string, isThere: boolean])[],
): typeof describe | typeof describe.skip {
  const missing = needed.flatMap(([name, isThere]) => (isThere ? [] : [name]));
  if (missing.length === 0 || isRequired) return describe;
  const remedy = `Debian: apt-get install ${packages}`;
  process.stderr.write(`Not installed: ${missing.join(', ')} (${remedy}). Tests with ${tests} are skipped.\n`);
  return describe.skip;
}
