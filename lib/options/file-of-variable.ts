import { readFileSync } from 'node:fs';
import type { Problems } from '../validation/problems.js';

/** A function that reads a file, without white space around its text. */
export function fileReader(path: string): () => string {
  return () => readFileSync(path, 'utf8').trim();
}

/**
 * The text of the file that a variable names; `undefined` after a problem. Messages do not show the name: it may be the
 * secret itself.
 *
 * @param needed the file that is needed, in words
 */
export function checkedFile(problems: Problems, variable: string, path: string, needed: string): string | undefined {
  const remedy = `${variable}=... # ${needed}`;
  try {
    const text = fileReader(path)();
    if (text !== '') return text;
    problems.add(variable, 'names an empty file', remedy);
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    problems.add(variable, `names a file that cannot be read (${code})`, `${remedy}, and that this process may read`);
  }
  return undefined;
}
