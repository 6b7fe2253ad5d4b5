import { run } from '../../lib/cli/run.js';

/** What a command line ended with. */
export interface Result {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** What it runs in. */
export interface Surroundings {
  readonly environment?: Record<string, string>;
  readonly input?: string;
  /** Who answers questions. Default: nobody. */
  readonly ask?: (question: string) => Promise<boolean>;
}

/** Runs one command line in this process. A list of arguments may hold spaces. */
export async function command(
  line: string | readonly string[],
  { environment = {}, input = '', ask }: Surroundings = {},
): Promise<Result> {
  const [out, error]: [string[], string[]] = [[], []];
  const code = await run(typeof line === 'string' ? line.split(' ').filter(Boolean) : line, {
    environment,
    input: (async function* () {
      yield await Promise.resolve(input);
    })(),
    write: (text) => void out.push(text),
    writeError: (text) => void error.push(text),
    interruption: () => AbortSignal.abort(),
    ask,
  });
  return { code, out: out.join(''), error: error.join('') };
}
