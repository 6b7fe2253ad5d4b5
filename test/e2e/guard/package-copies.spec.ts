import { execFile } from 'node:child_process';
import { cp, mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CompiledSources } from '../../support/compiled-sources.js';

interface Outcome {
  readonly warnings: readonly string[];
  readonly statuses: readonly number[];
}

/** Starts applications whose decorators come from the copies of the package that its arguments name. */
const script = `
import 'reflect-metadata';
import { ConsoleLogger, Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
const [own, ...others] = await Promise.all(process.argv.slice(2).map((path) => import(path + '/dist/index.js')));
const warnings = [];
class Kept extends ConsoleLogger {
  log() {}
  debug() {}
  warn(text) { warnings.push(text); }
}
const statuses = [];
for (const { RequireScopes } of others) {
  class AdminController { wipe() { return 'wiped'; } }
  const method = Object.getOwnPropertyDescriptor(AdminController.prototype, 'wipe');
  for (const each of [Get('wipe'), RequireScopes('admin')]) each(AdminController.prototype, 'wipe', method);
  for (const each of [UseGuards(own.M2MGuard), Controller()]) each(AdminController);
  class AppModule {}
  const authorizationServer = { name: 'down', issuer: 'http://127.0.0.1:9' };
  const imports = [own.M2MModule.forRoot({ authorizationServer, resourceServer: { audience: 'https://api.test' } })];
  Module({ imports, controllers: [AdminController] })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: new Kept() });
  await app.listen(0, '127.0.0.1');
  const [{ conditions }] = app.get(own.M2MHandlers).list();
  statuses.push((await fetch(await app.getUrl() + '/wipe')).status, conditions.length);
  await app.close();
}
console.log(JSON.stringify({ warnings, statuses }));
`;

describe('an application with several copies of the package', () => {
  let sources: CompiledSources;
  let folder: string;
  beforeAll(async () => {
    sources = await CompiledSources.compile([]);
    const library = dirname(sources.path('lib/index.ts'));
    folder = await realpath(dirname(library));
    for (const [name, version] of [
      ['one', '1.0.0'],
      ['two', '1.1.0'],
      ['three', '1.0.0'],
    ] as const) {
      const copy = join(folder, name);
      await mkdir(copy);
      await cp(library, join(copy, 'dist'), { recursive: true });
      await writeFile(join(copy, 'package.json'), JSON.stringify({ name: 'nestjs-m2m', version, type: 'module' }));
    }
    await writeFile(join(folder, 'start.mjs'), script);
  });
  afterAll(() => sources[Symbol.asyncDispose]());

  const start = async (...copies: readonly string[]): Promise<Outcome> => {
    const paths = copies.map((copy) => join(folder, copy));
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'start.mjs'), ...paths]);
    return JSON.parse(stdout) as Outcome;
  };

  it('enforces the conditions of each, and is warned of once, with the folder and version of each (claim 5.7) (claim 6.3)', async () => {
    const { warnings, statuses } = await start('one', 'two', 'two', 'one');
    expect(statuses).toEqual([401, 1, 401, 1, 401, 1]);
    expect(warnings).toEqual([
      `M2M-1005 2 copies of nestjs-m2m are in this process: ${folder}/two (1.1.0), ${folder}/one (1.0.0). Conditions hold across them, but the M2MGuard, the services and the errors of one are unknown to the others; write: one version of nestjs-m2m for all packages, and npm dedupe`,
    ]);
  });

  it('is warned of again if another one comes', async () => {
    const { warnings } = await start('one', 'two', 'three');
    expect(warnings.map((text) => text.split(' ')[1])).toEqual(['2', '3']);
  });

  it('is not warned of if there is one', async () => {
    expect(await start('one', 'one')).toEqual({ warnings: [], statuses: [401, 1] });
  });
});
