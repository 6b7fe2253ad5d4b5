import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const lib = join(import.meta.dirname, '../../lib');

interface SourceFile {
  /** Relative to `lib/`. */
  readonly path: string;
  readonly text: string;
  /** Packages as they are written, our own files relative to `lib/`. */
  readonly imports: readonly string[];
}

const files = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map(readSource);

function readSource(path: string): SourceFile {
  const text = readFileSync(join(lib, path), 'utf8');
  const imports = ts
    .preProcessFile(text)
    .importedFiles.map(({ fileName }) =>
      fileName.startsWith('.') ? normalize(join(dirname(path), fileName)).replace(/\.js$/, '.ts') : fileName,
    );
  return { path, text, imports };
}

const inRoom =
  (...rooms: string[]) =>
  (path: string) =>
    rooms.some((room) => path.startsWith(`${room}/`));

function crossings(from: (path: string) => boolean, to: (imported: string) => boolean): string[] {
  return files
    .filter(({ path }) => from(path))
    .flatMap(({ path, imports }) => imports.filter(to).map((imported) => `${path} -> ${imported}`));
}

describe('the walls of the house', () => {
  it('sees every file and every import', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.find(({ path }) => path === 'm2m.module.ts')?.imports).toContain('m2m.config.ts');
  });

  it('client/ and resource-server/ do not import each other', () => {
    expect(crossings(inRoom('client'), inRoom('resource-server'))).toEqual([]);
    expect(crossings(inRoom('resource-server'), inRoom('client'))).toEqual([]);
  });

  it('the rooms below them import neither', () => {
    const below = inRoom(
      'authorization-servers',
      'client-authentication',
      'caller',
      'http',
      'options',
      'errors',
      'time',
      'validation',
    );
    expect(crossings(below, inRoom('client', 'resource-server'))).toEqual([]);
  });

  it('protocol code imports nothing from Nest', () => {
    const protocol = inRoom(
      'authorization-servers',
      'client/tokens',
      'client-authentication',
      'resource-server/authentication',
      'caller',
      'errors',
      'time',
      'validation',
    );
    expect(crossings(protocol, (imported) => imported.startsWith('@nestjs/'))).toEqual([]);
  });

  it.each(['testing', 'redis', 'cli'])('nothing imports %s/', (room) => {
    // The command line is a user of the package, as a test is.
    expect(crossings((path) => !inRoom(room, 'cli')(path), inRoom(room))).toEqual([]);
  });

  it('no file reaches itself through its imports', () => {
    expect(files.map(({ path }) => circleThrough(path)).filter(Boolean)).toEqual([]);
  });

  it('no file is over 300 lines, and the median is at most 60', () => {
    const lengths = files.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    expect(lengths.filter(({ lines }) => lines > 300)).toEqual([]);
    const sorted = lengths.map(({ lines }) => lines).toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(60);
  });

  it('public exports are listed by name', () => {
    expect(files.filter(({ text }) => /^export \*/m.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

function circleThrough(start: string): string | undefined {
  const seen = new Set<string>();
  const waiting = [...importsOf(start)];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (path === start) return start;
    if (!seen.has(path)) waiting.push(...importsOf(path));
    seen.add(path);
  }
  return undefined;
}

function importsOf(path: string): readonly string[] {
  return files.find((file) => file.path === path)?.imports ?? [];
}
