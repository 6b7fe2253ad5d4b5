import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { page } from '../support/documentation.js';
import { packedPackage } from './support/packed-package.js';
import { run } from './support/run.js';

const fixture = join(import.meta.dirname, 'fixtures/pnpm-workspace');
const pnpm = join(createRequire(import.meta.url).resolve('pnpm'), '../bin/pnpm.cjs');

describe('a workspace of pnpm', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestjs-m2m-pnpm-'));
    await cp(fixture, folder, { recursive: true });
    await cp(packedPackage().tarball, join(folder, 'nestjs-m2m.tgz'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function started(): Promise<string[]> {
    const store = join(folder, '.store');
    const options = ['--no-frozen-lockfile', '--ignore-scripts', '--store-dir', store];
    await run(process.execPath, [pnpm, 'install', ...options], { cwd: folder });
    const printed = await run(process.execPath, ['main.js'], { cwd: join(folder, 'apps/api') });
    return printed.trim().split('\n');
  }

  it('has one copy of this package if all have the same versions of its peers', async () => {
    expect(JSON.parse((await started()).at(-1)!)).toEqual({ isOneCopy: true, statuses: [200, 403] });
  });

  it('has two copies if one has another version of a peer, and the conditions of both hold', async () => {
    const manifest = join(folder, 'packages/products/package.json');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace('"rxjs": "catalog:"', '"rxjs": "7.8.1"'));
    const printed = await started();
    expect(JSON.parse(printed.at(-1)!)).toEqual({ isOneCopy: false, statuses: [200, 403] });
    expect(printed.filter((line) => line.includes('copies of nestjs-m2m'))).toHaveLength(1);
  });

  it('is as docs/nest-libraries.md shows it', async () => {
    const [shown] = page('docs/nest-libraries.md').blocks('yaml');
    expect(shown).toBe(await readFile(join(fixture, 'pnpm-workspace.yaml'), 'utf8'));
  });
});
