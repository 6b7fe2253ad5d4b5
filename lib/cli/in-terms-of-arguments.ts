import type { Command } from 'commander';
import type { ConfigurationProblem } from '../errors/configuration.error.js';
import { ofVariable } from '../options/read-environment.js';
import { inTermsOf } from '../validation/problems.js';

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
  const translated = named.reduce((text, { envVar, long }) => text.replaceAll(`${envVar}=`, `${long} `), remedy);
  return {
    ...others,
    option: named.find(({ envVar }) => envVar === option)?.long ?? option,
    problem,
    remedy: translated,
  };
}
