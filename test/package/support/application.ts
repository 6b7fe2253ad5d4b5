import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packedPackage } from './packed-package.js';
import { run } from './run.js';

const allFixtures = join(import.meta.dirname, '../fixtures');
/** One for every checkout, so that two can be tested at the same time. */
const applications = join(
  tmpdir(),
  `nestjs-m2m-${createHash('sha256')
    .update(import.meta.dirname)
    .digest('hex')
    .slice(0, 8)}`,
);

export interface Application {
  readonly name: string;
  /** Folders of `fixtures/` that it is made of; one of them has its package.json. */
  readonly fixtures: readonly string[];
  /** What is installed beside this package and what package.json asks for. */
  readonly packages?: readonly string[];
}

/**
 * Makes an application outside of this repository, and installs its packages and this one as it is packed.
 *
 * What npm installed from the registry stays there for the next run; this package is installed anew every time.
 *
 * @returns the application's folder
 */
export async function installApplication({ name, fixtures, packages = [] }: Application): Promise<string> {
  const folder = join(applications, name);
  await mkdir(folder, { recursive: true });
  const old = (await readdir(folder)).filter((entry) => entry !== 'node_modules');
  for (const entry of [...old, 'node_modules/nestjs-m2m']) {
    await rm(join(folder, entry), { recursive: true, force: true });
  }
  for (const fixture of fixtures) {
    await cp(join(allFixtures, fixture), folder, { recursive: true });
  }
  const quick = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', ['install', ...quick, ...packages, packedPackage().tarball], { cwd: folder });
  return folder;
}
