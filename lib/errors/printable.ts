/**
 * A text of somebody else for a line of a log or of an error: in ASCII, with `?` for every other character. New lines,
 * escape sequences, and characters that change the direction of writing could make the line say something else.
 */
export function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?');
}

/**
 * A text for one line of a log or of an error, in any language: with `?` for new lines, for other control characters, and
 * for characters that nobody sees or that change the direction of writing.
 */
export function inOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}
