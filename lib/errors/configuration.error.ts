import { M2MError } from './m2m.error.js';

/** One thing that is wrong with the options, and the remedy. */
export interface ConfigurationProblem {
  /** The option, as a path (`client.targets.shop.url`), or the place in the application. */
  readonly option: string;
  /** What was found there. Never the value of a secret. */
  readonly problem: string;
  /** The line to write instead. */
  readonly remedy: string;
  /** `missing` if a needed option was not given. */
  readonly kind?: 'missing';
}

/** The options, or the use that an application makes of the module, are wrong. It lists every problem found. */
export class M2MConfigurationError extends M2MError {
  static {
    this.prototype.name = 'M2MConfigurationError';
  }

  readonly code = 'ERR_M2M_CONFIGURATION';
  /** Everything that is wrong. Not enumerable: the message says it already. */
  declare readonly problems: readonly ConfigurationProblem[];

  /** @param found everything that is wrong, or the one thing */
  constructor(found: ConfigurationProblem | readonly ConfigurationProblem[]) {
    const problems = [found].flat();
    super(describe(problems));
    Object.defineProperty(this, 'problems', { value: problems });
  }
}

function describe(problems: readonly ConfigurationProblem[]): readonly string[] {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const lines = problems.flatMap(({ option, problem, remedy }) => {
    const [first = '', ...others] = remedy.split('\n');
    return [`  ${option} ${problem}`, `    write: ${first}`, ...others.map((line) => `           ${line}`)];
  });
  return [`nestjs-m2m: ${count} in the configuration`, ...lines];
}
