import { InvalidArgumentError } from 'commander';
import { isScopeToken } from '../authorization-servers/scopes.js';
import { isText } from '../validation/checks.js';

/** Reads the argument of an option. @throws InvalidArgumentError with the line to write */
export type ArgumentReader<Value> = (argument: string) => Value;

/** For an option that may be repeated: gathers its arguments. */
export function repeated<Value>(
  read: ArgumentReader<Value>,
): (argument: string, previous?: readonly Value[]) => readonly Value[] {
  return (argument, previous = []) => [...previous, read(argument)];
}

/** Any text but white space. @param example the line to write */
export function text(example: string): ArgumentReader<string> {
  return (argument) => (isText(argument) ? argument : refuse('It is empty', example));
}

/** Texts separated by spaces. @param example the line to write */
export function texts(example: string): ArgumentReader<readonly string[]> {
  return (argument) => {
    const values = argument.split(/\s+/).filter(Boolean);
    return values.length > 0 ? values : refuse('It is empty', example);
  };
}

/** One scope. @param example the line to write */
export function scope(example: string): ArgumentReader<string> {
  return (argument) => {
    const several = argument.split(/\s+/).filter(Boolean);
    if (several.length > 1 && several.every(isScopeToken)) {
      refuse('It is several scopes', several.map((each) => `${example.split(' ')[0]} ${each}`).join(' '));
    }
    return isScopeToken(argument) ? argument : refuse('It is no scope', example);
  };
}

/** Scopes separated by spaces. @param example the line to write */
export function scopes(example: string): ArgumentReader<readonly string[]> {
  const readTexts = texts(example);
  return (argument) => {
    const values = readTexts(argument);
    return values.every(isScopeToken) ? values : refuse('It holds a character that no scope may have', example);
  };
}

/** A whole number within bounds. @param example the line to write */
export function wholeNumber(least: number, most: number, example: string): ArgumentReader<number> {
  return (argument) => {
    const value = /^\d+$/.test(argument) ? Number(argument) : Number.NaN;
    if (value >= least && value <= most) return value;
    return refuse(`It is no whole number between ${least} and ${most}`, example);
  };
}

function refuse(problem: string, example: string): never {
  throw new InvalidArgumentError(`${problem}; write: ${example}`);
}
