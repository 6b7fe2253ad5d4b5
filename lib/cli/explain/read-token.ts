/** A token as people copy it: with the word Bearer, the name of the header, and a new line at its end. */
export function readToken(text: string): string {
  return text.trim().replace(/^(?:authorization: *)?bearer +(?=\S)/i, '');
}
