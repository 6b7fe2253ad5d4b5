import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.js';

const root = join(import.meta.dirname, '../../..');

/** The packed package, for every test file. */
export interface PackedPackage {
  readonly tarball: string;
  /** Relative to the package's own folder. */
  readonly files: readonly string[];
}

/** Builds and packs the package once, before the first test file. */
export default async function pack(): Promise<void> {
  const destination = await mkdtemp(join(tmpdir(), 'nestjs-m2m-packed-'));
  const printed = await run('npm', ['pack', '--json', '--pack-destination', destination], { cwd: root });
  const [{ filename, files }] = JSON.parse(printed) as [{ filename: string; files: { path: string }[] }];
  const packed: PackedPackage = { tarball: join(destination, filename), files: files.map(({ path }) => path) };
  process.env['PACKED_PACKAGE'] = JSON.stringify(packed);
}

export function packedPackage(): PackedPackage {
  return JSON.parse(process.env['PACKED_PACKAGE'] ?? '') as PackedPackage;
}
