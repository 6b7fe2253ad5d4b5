import { readFileSync } from 'node:fs';
import type { ReadVariable } from './environment-variables.js';
import type { Problems } from '../validation/problems.js';

/** The secret that the environment holds or names the file of: a file is read anew each time. `undefined`: neither. */
export function clientSecretFromEnvironment(problems: Problems, read: ReadVariable): (() => string) | undefined {
  const secret = read('M2M_CLIENT_SECRET');
  const file = read('M2M_CLIENT_SECRET_FILE');
  if (secret !== undefined && file !== undefined) {
    problems.add('M2M_CLIENT_SECRET', 'and M2M_CLIENT_SECRET_FILE are both set', 'one of the two');
  }
  if (secret !== undefined) return () => secret;
  if (file === undefined) return undefined;
  const readSecret = (): string => readFileSync(file, 'utf8').trim();
  try {
    if (readSecret() === '')
      problems.add('M2M_CLIENT_SECRET_FILE', `names an empty file: ${file}`, 'a file that holds the secret');
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    problems.add('M2M_CLIENT_SECRET_FILE', `cannot be read: ${file}: ${code}`, 'a file that this process may read');
  }
  return readSecret;
}
