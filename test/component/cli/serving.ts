import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { promisify } from 'node:util';
import { run } from '../../../lib/cli/run.js';

/** Runs `serve` until it is disposed of. */
export async function serving(args: readonly string[]) {
  const ending = new AbortController();
  const terminal = new EventEmitter();
  const out: string[] = [];
  const write = (text: string): void => {
    out.push(text);
    terminal.emit('text');
  };
  const announced = once(terminal, 'text');
  const input = (async function* (): AsyncGenerator<string> {})();
  const line = ['serve', '--port', '0', ...args];
  const done = run(line, { environment: {}, input, write, writeError: write, interruption: () => ending.signal });
  await announced;
  const [, issuer = ''] = /issuer +(\S+)/.exec(out[0] ?? '') ?? [];
  return {
    out,
    metadata: `${issuer}/.well-known/openid-configuration`,
    /** Ends it. Its exit code. */
    interrupt(): Promise<number> {
      ending.abort();
      return done;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      ending.abort();
      await done;
    },
  };
}

/** What a line with curl answers. */
export async function inShell(line: string): Promise<string> {
  return (await promisify(execFile)('sh', ['-c', line.replace('curl', 'curl -s')])).stdout;
}
