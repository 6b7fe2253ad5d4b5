import { expect } from '@jest/globals';
import { M2MConfigurationError, type ConfigurationProblem } from '../../lib/errors/configuration.error.js';

/** What a call returns or throws. */
export function outcomeOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

/** The problems of the configuration error that a call throws. */
export function problemsOf(call: () => unknown): readonly ConfigurationProblem[] {
  const error = outcomeOf(call);
  expect(error).toBeInstanceOf(M2MConfigurationError);
  return (error as M2MConfigurationError).problems;
}
