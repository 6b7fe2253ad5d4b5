import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { page } from '../../support/documentation.js';
import { root } from '../../support/type-check.js';

const security = page('SECURITY.md');
/** Titles that several specs share. */
const TITLES = join('conformance', 'groups.ts');
const specs = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter(
  (path) => (path.endsWith('.spec.ts') || path === TITLES) && !path.includes('node_modules'),
);

/** The numbers in the titles of tests, which stand between quotes. */
const tested = specs.flatMap((path) => {
  const text = readFileSync(join(root, 'test', path), 'utf8');
  const titles = text.match(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\\n]|\\.)*`/g) ?? [];
  return titles.flatMap((title) => [...title.matchAll(/\(claim (\d+\.\d+)\)/g)].map(([, number = '']) => number));
});
const claimed = [...security.text.matchAll(/^- \*\*(\d+\.\d+)\*\* /gm)].map(([, number = '']) => number);

describe('SECURITY.md', () => {
  it('makes the claims whose numbers the titles of tests carry, and no others', () => {
    expect([...new Set(tested)].toSorted(byNumber)).toEqual(claimed);
  });

  it('numbers its claims in order, and each once', () => {
    expect(claimed).toEqual([...new Set(claimed)].toSorted(byNumber));
    expect(claimed.length).toBeGreaterThan(40);
  });
});

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
