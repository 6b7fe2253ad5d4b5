import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MarkdownPage } from './markdown.js';
import { root } from './type-check.js';

/** Every page of the documentation, relative to the repository. */
export const PAGES: readonly string[] = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** A page, by its path in the repository. */
export function page(path: string): MarkdownPage {
  return new MarkdownPage(join(root, path));
}

/** The code of a page that contains some text. */
export function blockWith(path: string, text: string): string {
  const found = page(path)
    .blocks('ts')
    .find((code) => code.includes(text));
  if (found === undefined) throw new Error(`${path} has no block with ${text}`);
  return found;
}

/** Code of a recipe in this repository, with the imports of an application. */
export function asUsersWriteIt(code: string): string {
  return code.replaceAll(
    /'(?:\.\.\/)+lib(\/testing|\/terminus|\/opentelemetry)?\/index\.js'/g,
    (_, room = '') => `'nestjs-m2m${room}'`,
  );
}

/** Code of the starters as an ES module here: they have their test functions as globals, and import without `.js`. */
export function asEsModule(code: string): string {
  if (!code.includes("from '../src/")) return code;
  const globals = "import { afterAll, beforeAll, describe, it } from '@jest/globals';\n";
  return globals + code.replaceAll(/'\.\.\/src\/([\w.-]+)'/g, "'./$1.js'");
}

export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { optional?: boolean }>;
};

/** Imports code of the documentation, from a folder outside of this package. */
export class CodeRunner {
  private readonly directory = mkdtempSync(join(tmpdir(), 'nestjs-m2m-documentation-'));

  constructor() {
    symlinkSync(join(root, 'node_modules'), join(this.directory, 'node_modules'));
  }

  /**
   * @param replacements addresses of this machine, by the ones that the code has
   * @returns what the code exports
   */
  async run<Exports>(name: string, code: string, replacements: Record<string, string> = {}): Promise<Exports> {
    const all = {
      "'nestjs-m2m'": `'${join(root, 'lib/index.ts')}'`,
      "'nestjs-m2m/swagger'": `'${join(root, 'lib/swagger/index.ts')}'`,
      "'nestjs-m2m/testing'": `'${join(root, 'lib/testing/index.ts')}'`,
      ...replacements,
    };
    const file = join(this.directory, `${name}.ts`);
    writeFileSync(
      file,
      Object.entries(all).reduce((text, [from, to]) => text.replaceAll(from, to), code),
    );
    return (await import(file)) as Exports;
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}
