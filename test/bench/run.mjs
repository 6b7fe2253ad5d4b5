// Measures: npm run bench [-- name [options]]. Without a name, everything. Every bench says what its options are.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** A bench is a script, or a folder with a `run.mjs` and a package.json of what it compares with. */
const benches = new Map(
  readdirSync(import.meta.dirname)
    .filter((entry) => entry !== basename(import.meta.filename))
    .map((entry) => [basename(entry, '.mjs'), join(import.meta.dirname, entry)]),
);
const [name, ...options] = process.argv.slice(2);
if (name !== undefined && !benches.has(name)) {
  console.error(`There is no bench ${name}: npm run bench -- ${[...benches.keys()].join(' | ')}`);
  process.exit(2);
}

run('npm', ['run', '--silent', 'build'], root);
for (const bench of name === undefined ? benches.values() : [benches.get(name)]) {
  if (bench.endsWith('.mjs')) {
    run(process.execPath, [bench, ...options], root);
    continue;
  }
  if (!existsSync(join(bench, 'node_modules'))) {
    run('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund'], bench);
  }
  run(process.execPath, ['run.mjs', ...options], bench);
}

/** Ends with the command's exit code if it fails. */
function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
