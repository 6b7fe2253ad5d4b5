import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { kill } from '../../support/child-process.js';

/**
 * A server in a process of Node's that a script runs. The script reads every setup by `process.on('message')`, puts it in
 * place of the one before, and then sends a message of its own. It ends if it is disconnected.
 */
export abstract class NodeServer implements AsyncDisposable {
  #process: ChildProcess | undefined;

  /** @param script its path */
  constructor(private readonly script: string) {}

  /** What the script reads. */
  protected abstract readonly setup: object;

  /** Starts it with its setup, and waits until it has it. */
  async run(): Promise<void> {
    this.#process = fork(this.script, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    await this.change();
  }

  /** Ends it at once, as a lost machine would. */
  kill(): Promise<void> {
    return kill(this.#process);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  /** Gives it its changed setup, and waits until it has it. @throws Error with what it printed if it ends */
  protected async change(): Promise<void> {
    const child = this.#process;
    if (!child) throw new Error(`${this.script} does not run`);
    const printed: string[] = [];
    const keep = (chunk: Buffer): number => printed.push(String(chunk));
    child.stderr?.on('data', keep);
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${this.script} ended:\n${printed.join('')}`);
    });
    child.send(this.setup);
    await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => undefined);
    child.stderr?.off('data', keep).resume();
  }
}
