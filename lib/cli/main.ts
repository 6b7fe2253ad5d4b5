#!/usr/bin/env node
import 'reflect-metadata';
import { run } from './run.js';

const ending = new AbortController();
// The reader of the output has gone, as in `nestjs-m2m serve | head`.
process.stdout.on('error', () => ending.abort());

// Commander takes an empty variable for a value.
for (const [name, value] of Object.entries(process.env)) {
  if (name.startsWith('M2M_') && value?.trim() === '') Reflect.deleteProperty(process.env, name);
}

process.exitCode = await run(process.argv.slice(2), {
  environment: process.env,
  input: process.stdin,
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  interruption: () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
    return ending.signal;
  },
});
