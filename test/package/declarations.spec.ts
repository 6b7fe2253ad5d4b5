import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { packedPackage } from './support/packed-package.js';

packedPackage();
const dist = join(import.meta.dirname, '../../dist');

/** The declaration files that users of an entry see, by their path in `dist/`. */
function reachedFrom(...entries: string[]): ReadonlyMap<string, string> {
  const reached = new Map<string, string>();
  const waiting = entries.map((entry) => join(dist, entry));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(relative(dist, path))) continue;
    const text = readFileSync(path, 'utf8');
    reached.set(relative(dist, path), text);
    const imports = ts.preProcessFile(text).importedFiles.filter(({ fileName }) => fileName.startsWith('.'));
    const folder = dirname(path);
    waiting.push(...imports.map(({ fileName }) => join(folder, fileName.replace(/\.(c?)js$/, '.d.$1ts'))));
  }
  return reached;
}

describe('the public declarations', () => {
  const reached = reachedFrom(
    'index.d.ts',
    'redis/index.d.ts',
    'swagger/index.d.ts',
    'opentelemetry/index.d.ts',
    'terminus/index.d.ts',
    'testing/index.d.ts',
  );

  it('are found', () => {
    expect([...reached.keys()]).toEqual(expect.arrayContaining(['client/m2m-client.service.d.ts', 'm2m.module.d.ts']));
  });

  it('of the client half lead to no step of its pipeline', () => {
    const internal = [...reached.keys()].filter((path) =>
      /^client\/(?:oauth-clients|warm-up|requests\/token)/.test(path),
    );
    expect(internal).toEqual([]);
    const tokens = [...reached.keys()].filter((path) => path.startsWith('client/tokens/'));
    expect(tokens.toSorted()).toEqual(['client/tokens/cache/kept-token.d.ts', 'client/tokens/token/access-token.d.ts']);
  });

  it('name no resolved options', () => {
    expect([...reached].filter(([, text]) => /\bResolved[A-Z]/.test(text)).map(([path]) => path)).toEqual([]);
  });
});
