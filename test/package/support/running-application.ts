import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { environment } from './run.js';

/** An application that runs in a process of its own, and answers at `url`. */
export interface RunningApplication extends AsyncDisposable {
  readonly url: string;
}

/**
 * Starts an application that prints `listening on <url>`.
 *
 * @throws Error with all that it printed, when it ends before that
 */
export async function startApplication(
  node: string,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<RunningApplication> {
  const application = spawn(node, ['dist/main.js'], {
    cwd: folder,
    env: environment({ ...env, PORT: '0' }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(application, 'close');
  const printed: string[] = [];
  const url = await new Promise<string | undefined>((resolve) => {
    // Read to the end: an application whose output nobody reads stands still.
    for (const output of [application.stdout, application.stderr]) {
      createInterface(output).on('line', (line) => {
        printed.push(line);
        const address = /^listening on (.+)$/.exec(line)?.[1];
        if (address !== undefined) resolve(address);
      });
    }
    application.once('close', () => resolve(undefined));
  });
  if (url === undefined) {
    throw new Error(`The application in ${folder} ended before it listened:\n${printed.join('\n')}`);
  }
  const stop = async (): Promise<void> => {
    application.kill();
    await ended;
  };
  return { url, [Symbol.asyncDispose]: stop };
}
