import { mkdtempSync, readdirSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformFile, type Options } from '@swc/core';

const root = join(import.meta.dirname, '../..');
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

/** The library and files of tests, compiled: Node.js runs them in processes of their own. */
export class CompiledSources implements AsyncDisposable {
  private constructor(private readonly folder: string) {}

  /** @param files relative to the repository */
  static async compile(files: readonly string[]): Promise<CompiledSources> {
    const folder = mkdtempSync(join(tmpdir(), 'nestjs-m2m-compiled-'));
    const application = join(folder, 'application');
    await mkdir(application);
    const library = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' });
    const sources = library.filter((path) => path.endsWith('.ts')).map((path) => join('lib', path));
    await Promise.all([
      symlink(join(root, 'node_modules'), join(folder, 'node_modules')),
      symlink(nestPackages, join(application, 'node_modules')),
      writeFile(join(application, 'package.json'), '{ "type": "module", "version": "0.0.0" }'),
      ...[...sources, ...files].map((path) => compile(path, application)),
    ]);
    return new CompiledSources(folder);
  }

  /** What to run of one of the files. */
  path(file: string): string {
    return join(this.folder, 'application', file.replace(/ts$/, 'js'));
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
