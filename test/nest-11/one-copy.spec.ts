import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const nest11 = join(import.meta.dirname, 'node_modules/@nestjs');
const names = readdirSync(nest11);
const importers = ['lib/index.ts', 'test/support/guarded-app.ts']
  .map((file) => join(root, file))
  .concat(names.map((name) => join(nest11, name, 'index.js')));

describe('a test on Nest 11', () => {
  it.each(names)('has one copy of @nestjs/%s, which the library, the tests and Nest share', async (name) => {
    const { default: imported } = (await import(`@nestjs/${name}`)) as { default: unknown };
    for (const importer of importers) {
      const require = createRequire(importer);
      expect(require.resolve(`@nestjs/${name}`).startsWith(join(nest11, name, '/'))).toBe(true);
      expect(require(`@nestjs/${name}`)).toBe(imported);
    }
  });
});
