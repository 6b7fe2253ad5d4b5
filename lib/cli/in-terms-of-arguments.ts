import type { Command } from 'commander';
import type { ConfigurationProblem } from '../errors/configuration.error.js';
import { ofVariable } from '../options/in-terms-of-variables.js';
import { inTermsOf } from '../validation/problems.js';
import { shellWord } from './checks/shell-word.js';

/**
 * Runs code that checks options of the package, and says its problems of the command's own options: of the variable if
 * the value comes from there.
 *
 * @throws M2MConfigurationError
 */
export async function inTermsOfArguments<T>(command: Command, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    return inTermsOf(
      (problem) => ofArgument(command, ofVariable(problem)),
      () => {
        throw error;
      },
    );
  }
}

function ofArgument(
  command: Command,
  { option, problem, remedy, ...others }: ConfigurationProblem,
): ConfigurationProblem {
  const named = command.options.filter(
    (each) => each.envVar !== undefined && command.getOptionValueSource(each.attributeName()) !== 'env',
  );
  const argumentOf = (variable: string): string | undefined => named.find(({ envVar }) => envVar === variable)?.long;
  const translated = remedy.split('\n').map((line) => {
    const [, or = '', variable = '', value = '', note = ''] = LINE.exec(line) ?? [];
    const argument = argumentOf(variable);
    if (argument === undefined) return line;
    return `${or}${value === '' ? `no ${argument}` : `${argument} ${shellWord(value)}`}${note}`;
  });
  return { ...others, option: argumentOf(option) ?? option, problem, remedy: translated.join('\n') };
}

/** A line of a remedy that sets a variable. */
const LINE = /^(or )?(M2M_\w+)=(.*?)( # .*)?$/;
