import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { asUsersWriteIt, page } from '../../support/documentation.js';
import { root } from '../../support/type-check.js';

describe('docs/monitoring/README.md', () => {
  it.each(['test/e2e/terminus/recipes/health.module.ts'])('shows %s, which is tested', (file) => {
    const code = asUsersWriteIt(readFileSync(join(root, file), 'utf8'));
    expect(page('docs/monitoring/README.md').blocks('ts')).toContain(code);
  });
});
