import { escaped } from '../../errors/printable.js';

/** A value as one word of a POSIX shell. */
export function shellWord(value: string): string {
  return isPlain(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** A value of a variable as a shell reads it, and an env file too, unless it holds a `'` and what double quotes do not protect. */
export function variableValue(value: string): string {
  return value.includes("'") && !/["$`\\!]/.test(value) ? `"${value}"` : shellWord(value);
}

/** Characters of a value of somebody else that a line shows at most. */
const LONGEST = 200;

/**
 * A value that nobody vouches for, of a token or of a server, as one word of a line to copy: in ASCII, cut, and without
 * anything that could end the word.
 */
export function foreignWord(value: string): string {
  const text = escaped(value.slice(0, LONGEST));
  return isPlain(text) ? text : `'${text.replaceAll("'", '')}'`;
}

function isPlain(text: string): boolean {
  return /^[\w.:/,=@-]+$/.test(text);
}
