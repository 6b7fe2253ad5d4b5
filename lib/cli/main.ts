#!/usr/bin/env node
import 'reflect-metadata';
import { ask } from './question.js';
import { run } from './run.js';

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
  write: (text) => void process.stdout.write(text),
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
process.exitCode = exitCode;
process.stdout.write('', () => process.exit());
