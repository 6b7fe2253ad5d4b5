import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { asUsersWriteIt } from '../../support/documentation.js';
import { codeIn, MarkdownPage } from '../../support/markdown.js';
import { root } from '../../support/type-check.js';

const recipes = join(root, 'test/e2e/testing/recipes');
const page = new MarkdownPage(join(root, 'docs/testing.md'));

describe('docs/testing.md', () => {
  it('shows the recipes that run as tests, and no other code', () => {
    const tests = readdirSync(recipes).filter((file) => file.endsWith('.spec.ts'));
    const files = [...readdirSync(join(recipes, 'src')).map((file) => `src/${file}`), ...tests];
    const code = files.map((file) => asUsersWriteIt(readFileSync(join(recipes, file), 'utf8')));
    expect(page.blocks('ts').toSorted()).toEqual(code.toSorted());
  });

  it('lists every member of the server', () => {
    const listed = page.table('What it can do besides:').flatMap(([members = '']) => codeIn(members));
    const names = listed.map((member) => /^\w+/.exec(member)![0]);
    const internal = new Set(['constructor']);
    const members = Object.getOwnPropertyNames(TestAuthorizationServer.prototype).filter((name) => !internal.has(name));
    expect(names.toSorted()).toEqual(members.toSorted());
  });

  it('lists every dialect, and every option', () => {
    const dialects = page.table('## Dialects').map(([name = '']) => codeIn(name)[0]?.replaceAll("'", ''));
    const types = readFileSync(join(root, 'lib/testing/options/test-authorization-server-options.ts'), 'utf8');
    const [, union = ''] = /TestDialectName =([^;]+);/.exec(types)!;
    expect(dialects).toEqual([...union.matchAll(/'(\w+)'/g)].map(([, name]) => name));
    const options = page.table('`TestAuthorizationServer.start(options)` takes:').map(([name = '']) => codeIn(name)[0]);
    const [, members = ''] = /interface TestAuthorizationServerOptions \{(.*?)\n\}/s.exec(types)!;
    expect(options).toEqual([...members.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name));
  });
});
