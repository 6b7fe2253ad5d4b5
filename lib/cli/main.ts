#!/usr/bin/env node
import 'reflect-metadata';
import { ask } from './question.js';
import { run } from './run.js';
import { ExitCode } from './terminal.js';

// What an application of which the handlers are listed writes, its log for one, is not what the command writes.
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

/** Neither its end nor that of what it waits for: an application ended the process, or waits for nothing. */
function endedEarly(): void {
  process.exitCode = ExitCode.failed;
  process.stderr.write('nestjs-m2m: the application ended the process, or waits for something that never comes\n');
}
process.once('exit', endedEarly);

const ending = new AbortController();
// The reader of the output has gone, as in `nestjs-m2m serve | head`.
process.stdout.on('error', () => ending.abort());

// Commander takes an empty variable for a value.
for (const [name, value] of Object.entries(process.env)) {
  if (name.startsWith('M2M_') && value?.trim() === '') Reflect.deleteProperty(process.env, name);
}

const exitCode = await run(process.argv.slice(2), {
  environment: process.env,
  input: process.stdin,
  write: (text) => void write(text),
  writeError: (text) => void process.stderr.write(text),
  interruption: () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
    return ending.signal;
  },
  ask:
    process.stdin.isTTY && process.stderr.isTTY
      ? (question) => ask(question, process.stdin, process.stderr)
      : undefined,
});

// An application of which the handlers were listed may have left something open.
process.off('exit', endedEarly);
process.exitCode = exitCode;
write('', () => process.exit());
