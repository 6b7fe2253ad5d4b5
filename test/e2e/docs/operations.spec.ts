import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { asUsersWriteIt, page } from '../../support/documentation.js';
import { root } from '../../support/type-check.js';

const recipes = join(root, 'test/e2e/guard/recipes');

describe('docs/operations.md', () => {
  it.each(readdirSync(recipes))('shows %s, which is tested', (file) => {
    const code = asUsersWriteIt(readFileSync(join(recipes, file), 'utf8'));
    expect(page('docs/operations.md').blocks('ts')).toContain(code);
  });
});
