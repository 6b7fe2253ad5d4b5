import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { asUsersWriteIt, page } from '../../support/documentation.js';
import { root } from '../../support/type-check.js';

const recipes = join(root, 'test/e2e/mcp/recipes');

describe('docs/mcp.md', () => {
  it('shows the recipes that are tested, and no other code', () => {
    const tested = readdirSync(recipes).map((file) => asUsersWriteIt(readFileSync(join(recipes, file), 'utf8')));
    expect(page('docs/mcp.md').blocks('ts').toSorted()).toEqual(tested.toSorted());
  });
});
