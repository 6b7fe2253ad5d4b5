import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isVariable, NAMES } from '../../../lib/options/environment-variables.js';
import { asEsModule, blockWith, page, PAGES } from '../../support/documentation.js';
import { root, TypeCheck } from '../../support/type-check.js';

// The recipes of these pages are files of this repository, which the type check covers.
const ofRecipes = new Set(['docs/testing.md', 'docs/http-libraries.md', 'docs/mcp.md']);
const compiled = PAGES.filter((path) => !ofRecipes.has(path));

describe('the documentation', () => {
  it('compiles', () => {
    const modules = compiled.flatMap((path) =>
      page(path)
        .blocks('ts')
        .filter((code) => !declaresNames(code))
        .map((code, index) => [`test/${path.replaceAll(/\W/g, '-')}-block-${index + 1}.ts`, asEsModule(code)]),
    );
    const imported = ['test/products.module.ts', blockWith('README.md', 'class ProductsController')];
    expect(new TypeCheck(Object.fromEntries([...modules, imported])).problems()).toEqual([]);
    expect(modules.length).toBeGreaterThan(10);
  }, 60_000);

  it('shows a declaration of names, and with it every misspelt name is an error', () => {
    const [declaration = '', ...others] = compiled.flatMap((path) => page(path).blocks('ts').filter(declaresNames));
    const uses = readFileSync(join(root, 'test/package/fixtures/typed-names/uses.ts'), 'utf8');
    const modules = { 'test/declaration.ts': asEsModule(declaration), 'test/uses.ts': uses };
    expect(new TypeCheck(modules).problems()).toEqual([]);
    expect(others).toEqual([]);
  }, 60_000);

  it.each(PAGES)('%s names only variables that exist', (path) => {
    const named = page(path).text.match(/\bM2M_[A-Z][A-Z_]*[A-Z]\b(?!_)/g) ?? [];
    expect(named.filter((name) => !isVariable(name) && !NAMES.some((each) => each.startsWith(`${name}_`)))).toEqual([]);
  });

  it.each(PAGES)('%s links to files and headings that exist', (path) => {
    const broken = page(path)
      .links()
      .filter((link) => !leadsSomewhere(path, link));
    expect(broken).toEqual([]);
  });
});

/** Names are those of a whole program, so the other blocks would have to use them. */
function declaresNames(code: string): boolean {
  return code.includes('interface M2MNames');
}

function leadsSomewhere(from: string, link: string): boolean {
  const [file = '', heading] = link.split('#');
  const path = file === '' ? from : join(from, '..', file);
  if (!existsSync(join(root, path))) return false;
  return heading === undefined || (statSync(join(root, path)).isFile() && page(path).anchors().includes(heading));
}
