/**
 * A text of somebody else for a line of a log or of an error: in ASCII, with `?` for every other character. New lines,
 * escape sequences, and characters that change the direction of writing could make the line say something else.
 */
export function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?');
}
