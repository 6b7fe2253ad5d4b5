import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { page } from '../../support/documentation.js';
import { codeIn } from '../../support/markdown.js';
import { root } from '../../support/type-check.js';

const architecture = page('docs/architecture.md');
const files = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);
const declared = new Set(
  files
    .filter((path) => !path.startsWith('testing/'))
    .map((path) => readFileSync(join(root, 'lib', path), 'utf8'))
    .flatMap((text) => [...text.matchAll(/\b(?:class|interface|type|function) (\w+)/g)].map(([, name = '']) => name)),
);

describe('docs/architecture.md', () => {
  it('lists every room of lib, and no other', () => {
    const insideSubpath = /^(?:redis|testing|cli|jest-preset)\/./;
    const rooms = new Set(files.map((path) => `${dirname(path)}/`).filter((room) => room !== './'));
    const listed = architecture.table('## The rooms of').flatMap(([names = '']) => codeIn(names));
    expect(listed.toSorted(byName)).toEqual([...rooms].filter((room) => !insideSubpath.test(room)).toSorted(byName));
  });

  it('names folders that exist where something is added', () => {
    const folders = architecture
      .table('## Where do I add')
      .flatMap((cells) => cells.flatMap(codeIn))
      .filter((code) => code.endsWith('/'));
    const existing = new Set(files.flatMap((path) => [`${dirname(path)}/`]));
    expect(folders.filter((folder) => !existing.has(folder) && !folder.startsWith('test/'))).toEqual([]);
    expect(folders.length).toBeGreaterThan(5);
  });

  it('names types and functions that exist', () => {
    const participants = architecture
      .blocks('mermaid')
      .flatMap((diagram) => [...diagram.matchAll(/participant \w+ as (\w+)$/gm)].map(([, name = '']) => name));
    const terms = architecture.table('## Glossary').flatMap(([term = '']) => codeIn(term));
    const added = architecture
      .table('## Where do I add')
      .flatMap((cells) => cells.flatMap(codeIn))
      .filter((code) => /^(?:[A-Z]\w+|\w+\(\))$/.test(code))
      .map((code) => code.replace('()', ''));
    const named = [...participants, ...terms, ...added].filter((name) => name !== 'Caller');
    expect(named.filter((name) => !declared.has(name))).toEqual([]);
    expect(named.length).toBeGreaterThan(25);
  });
});

function byName(a: string, b: string): number {
  return a.localeCompare(b);
}
