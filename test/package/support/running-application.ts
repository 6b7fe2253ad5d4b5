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
  const exited = once(application, 'exit');
  const stop = async () => {
    application.kill();
    await exited;
  };
  const printed: string[] = [];
  application.stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  for await (const line of createInterface(application.stdout)) {
    const url = /^listening on (.+)$/.exec(line)?.[1];
    if (url) return { url, [Symbol.asyncDispose]: stop };
    printed.push(`${line}\n`);
  }
  throw new Error(`The application in ${folder} ended before it listened:\n${printed.join('')}`);
}
