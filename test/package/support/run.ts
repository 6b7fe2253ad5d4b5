import { execFile } from 'node:child_process';

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a command to its end, and returns what it printed.
 *
 * @throws Error with all that the command printed, when it fails
 */
export function run(command: string, args: readonly string[], { cwd, env }: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: environment(env), maxBuffer: 64 * 1024 * 1024 };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error)
        reject(new Error(`${command} ${args.join(' ')}: failed in ${cwd}\n${stdout}${stderr}`, { cause: error }));
      else resolve(stdout);
    });
  });
}

/** This process's environment without what the test runner put there. */
export function environment(additions?: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { NODE_ENV: _mode, JEST_WORKER_ID: _worker, NODE_OPTIONS: _options, ...inherited } = process.env;
  return { ...inherited, ...additions };
}
