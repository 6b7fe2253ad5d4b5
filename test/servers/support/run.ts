import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a command. @returns what it printed @throws Error with what it printed */
export async function run(command: string, args: readonly string[], cwd: string, env = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { cwd, env: { ...process.env, ...env } });
  return stdout;
}
