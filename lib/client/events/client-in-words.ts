import { inOneLine } from '../../errors/printable.js';

/** An OAuth client of the options in words. @param name `undefined`: the module's own */
export function clientInWords(name: string | undefined): string {
  return name === undefined ? "the module's own client" : `the client ${inOneLine(name)}`;
}
