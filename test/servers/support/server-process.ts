import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isRunning, kill } from '../../support/child-process.js';

/** Milliseconds after which a server that runs and does not answer is given up: shorter than the limit of a test. */
const START_TIMEOUT = 300_000;

/** Starts a server, and ends it if it does not start. */
export async function started<Server extends AsyncDisposable>(
  server: Server,
  start: () => Promise<void>,
): Promise<Server> {
  try {
    await start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

/** A server in a process of its own, with a folder that goes away with it. */
export class ServerProcess implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'nestjs-m2m-server-'));
  #process: ChildProcess | undefined;

  /**
   * Starts it, or starts it again, and waits until it answers. If this process is killed with its group, so is the server.
   *
   * @param probe a URL that it answers with success, or tells whether it answers
   * @param command with its arguments
   */
  async run(
    probe: string | (() => Promise<boolean>),
    [command, ...args]: readonly [string, ...string[]],
    env: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const logFile = join(this.folder, 'log');
    const log = openSync(logFile, 'a');
    const child = spawn(command, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
    closeSync(log);
    this.#process = child;
    // A port may be open before the server answers.
    const isUp = typeof probe === 'string' ? () => answers(probe) : probe;
    const end = performance.now() + START_TIMEOUT;
    while (!(await isUp())) {
      if (!isRunning(child) || performance.now() > end) {
        throw new Error(`The server did not start:\n${readFileSync(logFile, 'utf8')}`);
      }
      await pause(100);
    }
  }

  /** Ends it at once, as a lost machine would. */
  kill(): Promise<void> {
    return kill(this.#process);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}
