import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Says whether a process has not ended yet. */
export function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** Ends a process at once, as a lost machine would. Nothing happens if it does not run. */
export async function kill(child: ChildProcess | undefined): Promise<void> {
  if (!child || !isRunning(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/**
 * Waits for a line that has one of these texts, and lets the rest of the output go.
 *
 * @throws Error if the output ends before it
 */
export async function hasPrinted(output: Readable, texts: readonly string[]): Promise<void> {
  for await (const line of createInterface(output)) {
    if (texts.some((text) => line.includes(text))) {
      output.resume();
      return;
    }
  }
  throw new Error(`the process ended before it printed: ${texts.join(', or: ')}`);
}
