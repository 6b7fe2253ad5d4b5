import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { asUsersWriteIt, page } from '../../support/documentation.js';
import { root } from '../../support/type-check.js';

const recipes = join(root, 'test/e2e/http-libraries/recipes');
const inMigration = ['attached-http.module.ts', 'target-http.module.ts'];

const codeOf = (file: string): string => asUsersWriteIt(readFileSync(join(recipes, file), 'utf8'));

describe('docs/http-libraries.md', () => {
  it('shows the recipes that are tested, and no other code', () => {
    const shown = readdirSync(recipes).filter((file) => !inMigration.includes(file));
    expect(page('docs/http-libraries.md').blocks('ts').toSorted()).toEqual(shown.map(codeOf).toSorted());
  });
});

describe('docs/migration.md', () => {
  it.each(inMigration)('shows %s, which is tested', (file) => {
    expect(page('docs/migration.md').blocks('ts')).toContain(codeOf(file));
  });
});
