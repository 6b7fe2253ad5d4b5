import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { MarkdownPage } from '../support/markdown.js';
import { packedPackage } from './support/packed-package.js';
import { run } from './support/run.js';

const root = join(import.meta.dirname, '../..');
const { tarball, files } = packedPackage();

interface Manifest {
  readonly exports: Record<string, string | { types: string; default: string }>;
  readonly typesVersions: { '*': Record<string, string[]> };
  readonly dependencies: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
}
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;

describe('the packed package', () => {
  it('holds what its users need, and nothing else', () => {
    const code = /^dist\/.+\.(?:js|cjs|d\.ts|d\.cts)$/;
    const documentation = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(root, join(parentPath, name)));
    expect(files.filter((path) => !code.test(path)).toSorted()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json', ...documentation].toSorted(),
    );
    expect(files).toContain('dist/index.d.ts');
  });

  it('holds what its documentation links to', () => {
    const pages = files.filter((path) => path.endsWith('.md'));
    const links = pages.flatMap((path) =>
      new MarkdownPage(join(root, path))
        .links()
        .filter((link) => !link.startsWith('#'))
        .map((link) => join(path, '..', link.replace(/#.*/, ''))),
    );
    expect(links.filter((path) => !files.includes(path))).toEqual([]);
    expect(links.length).toBeGreaterThan(10);
  });

  it('holds what its exports map promises', () => {
    const targets = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? target : Object.values(target),
    );
    expect(files).toEqual(expect.arrayContaining(targets.map((target) => target.slice(2))));
  });

  it('has the types of every export for resolvers that know no exports map', () => {
    const types = Object.entries(manifest.exports)
      .filter(([subpath]) => !/^\.$|json$|jest-preset\/jest-preset$/.test(subpath))
      .map(([subpath, target]) => [subpath.slice(2), typeof target === 'string' ? target : [target.types]]);
    expect(manifest.typesVersions['*']).toEqual(Object.fromEntries(types));
  });

  it('imports only what it declares', async () => {
    const declared = new Set(
      [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)].concat(builtinModules),
    );
    const texts = await Promise.all(
      files.filter((path) => path.startsWith('dist/')).map((path) => readFile(join(root, path), 'utf8')),
    );
    const packages = texts
      .flatMap((text) => ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName))
      .filter((specifier) => !specifier.startsWith('.'))
      .map((specifier) => specifier.replace(/^node:/, '').match(/^(?:@[^/]+\/)?[^/]+/)?.[0] ?? specifier);
    expect(packages.length).toBeGreaterThan(0);
    expect([...new Set(packages)].filter((name) => !declared.has(name))).toEqual([]);
  });

  it('passes publint --strict', async () => {
    await expect(run('npx', ['publint', 'run', tarball, '--strict'], { cwd: root })).resolves.toContain('All good!');
  });

  it('passes attw --profile esm-only', async () => {
    const attw = run('npx', ['attw', tarball, '--profile', 'esm-only', '--no-emoji'], { cwd: root });
    await expect(attw).resolves.toContain('node16 (from ESM): OK');
  });
});
