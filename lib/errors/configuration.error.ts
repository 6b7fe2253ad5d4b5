import { M2MError } from './m2m.error.js';

/** One line of a remedy as data: an option with the value to write. */
export interface RemedyLine {
  /** The option, as a path. */
  readonly option: string;
  /** `undefined`: the option is left out. */
  readonly value: unknown;
  /** What to know about it. @default nothing */
  readonly note?: string | undefined;
}

/** One thing that is wrong with the options, and the remedy. */
export interface ConfigurationProblem {
  /** The option, as a path (`client.targets.shop.url`), or the place in the application. */
  readonly option: string;
  /** What was found there. Never the value of a secret. */
  readonly problem: string;
  /** The line to write instead. */
  readonly remedy: string;
  /** The remedy as data, if it is values of options. Of several lines one is enough. */
  readonly lines?: readonly RemedyLine[];
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
