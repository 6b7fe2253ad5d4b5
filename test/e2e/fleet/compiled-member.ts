import { mkdtempSync, readdirSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformFile, type Options } from '@swc/core';

const root = join(import.meta.dirname, '../../..');
const member = 'test/e2e/fleet/member';
/** The folder that this run's Nest is in: that of Nest 11 is not the root's. */
const nestPackages = createRequire(import.meta.url)
  .resolve('@nestjs/core')
  .replace(/\/@nestjs\/core\/.*$/, '');

const options: Options = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
};

/** The library and a member of a fleet, compiled: Node.js runs them in processes of their own. */
export class CompiledMember implements AsyncDisposable {
  private constructor(private readonly folder: string) {}

  static async compile(): Promise<CompiledMember> {
    const folder = mkdtempSync(join(tmpdir(), 'nestjs-m2m-fleet-'));
    const application = join(folder, 'application');
    await mkdir(application);
    const library = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' });
    const sources = library.filter((path) => path.endsWith('.ts')).map((path) => join('lib', path));
    await Promise.all([
      symlink(join(root, 'node_modules'), join(folder, 'node_modules')),
      symlink(nestPackages, join(application, 'node_modules')),
      writeFile(join(application, 'package.json'), '{ "type": "module" }'),
      ...[...sources, `${member}.ts`].map((path) => compile(path, application)),
    ]);
    return new CompiledMember(folder);
  }

  /** What to run. */
  get path(): string {
    return join(this.folder, 'application', `${member}.js`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

async function compile(path: string, folder: string): Promise<void> {
  const { code } = await transformFile(join(root, path), options);
  const target = join(folder, path.replace(/ts$/, 'js'));
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, code);
}
