import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packedPackage } from './packed-package.js';
import { run } from './run.js';

const fixtures = join(import.meta.dirname, '../fixtures');
const STAMP = 'installed.txt';

/**
 * Copies an application out of this repository, and installs its packages and this one as it is packed.
 *
 * What npm installed from the registry is kept from run to run for as long as the application asks for the same;
 * this package is installed anew every time.
 *
 * @returns the application's folder
 */
export async function installApplication(name: string, ...overlays: string[]): Promise<string> {
  const folder = join(tmpdir(), 'nestjs-m2m-applications', name);
  await mkdir(folder, { recursive: true });
  await removeAll(folder, (entry) => entry !== 'node_modules' && entry !== STAMP);
  for (const fixture of [name, ...overlays]) {
    await cp(join(fixtures, fixture), folder, { recursive: true });
  }
  await installPackages(folder);
  await installThisPackage(folder);
  return folder;
}

async function installPackages(folder: string): Promise<void> {
  const manifest = await readFile(join(folder, 'package.json'), 'utf8');
  const stamp = createHash('sha256').update(`${process.version} ${manifest}`).digest('hex');
  const installed = await readFile(join(folder, STAMP), 'utf8').catch(() => undefined);
  if (installed === stamp) return;
  await removeAll(folder, (entry) => entry === 'node_modules' || entry === STAMP);
  await npmInstall(folder);
  await writeFile(join(folder, STAMP), stamp);
}

async function installThisPackage(folder: string): Promise<void> {
  await rm(join(folder, 'node_modules/nestjs-m2m'), { recursive: true, force: true });
  await npmInstall(folder, '--no-save', packedPackage().tarball);
}

async function npmInstall(folder: string, ...args: string[]): Promise<void> {
  const quick = ['--no-package-lock', '--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', ['install', ...quick, ...args], { cwd: folder });
}

async function removeAll(folder: string, which: (entry: string) => boolean): Promise<void> {
  const entries = (await readdir(folder)).filter(which);
  await Promise.all(entries.map((entry) => rm(join(folder, entry), { recursive: true, force: true })));
}
