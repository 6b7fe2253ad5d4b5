/**
 * A text of somebody else for a line of a log or of an error: in ASCII, with `?` for every other character. New lines,
 * escape sequences, and characters that change the direction of writing could make the line say something else.
 */
export function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?');
}

/** A text in printable ASCII, with the escape sequence of JSON for each other UTF-16 code unit. */
export function escaped(text: string): string {
  return text.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A text of at most so many characters, and dots in the place of the rest. */
export function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}

/**
 * A text for one line of a log or of an error, in any language: with `?` for new lines, for other control characters, and
 * for characters that nobody sees or that change the direction of writing.
 */
export function inOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}
