import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PackedPackage } from './packed-package.js';

/** Builds and packs the package once, before the first test file. */
export default async function pack({ rootDir }: { rootDir: string }): Promise<void> {
  const destination = await mkdtemp(join(tmpdir(), 'nestjs-m2m-packed-'));
  const npm = (...args: string[]) => promisify(execFile)('npm', args, { cwd: rootDir });
  await npm('run', 'build');
  // Without its own build, whose output would stand before the JSON.
  const { stdout } = await npm('pack', '--ignore-scripts', '--json', '--pack-destination', destination);
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  const packed: PackedPackage = { tarball: join(destination, filename), files: files.map(({ path }) => path) };
  process.env['PACKED_PACKAGE'] = JSON.stringify(packed);
}
