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

/** Rooms of protocol code: pure functions, with nothing of Nest in them. */
const PROTOCOL = [
  'authorization-servers',
  'caller',
  'client-authentication',
  'client/tokens',
  'errors',
  'json-web-keys',
  'proof-of-possession',
  'request-context',
  'resource-server/authentication',
  'time',
  'validation',
];

/** Rooms below both halves. */
const FOUNDATION = [
  'authorization-servers',
  'caller',
  'client-authentication',
  'errors',
  'events',
  'http',
  'json-web-keys',
  'options',
  'request-context',
  'time',
  'validation',
];

/** Rooms of sub-paths, and the command line, which is a user of the package as a test is. */
const SUB_PATHS = ['testing', 'redis', 'opentelemetry', 'swagger', 'terminus', 'jest-preset', 'cli'];

/** Specs that are about lib/ as a whole. */
const OF_THE_WHOLE: ReadonlySet<string> = new Set(['architecture.ts', 'doc-comments.ts']);

/** Lines of code without the testing kit and the command line, comments and blank lines aside. */
const MOST_LINES = 18605;

describe('the architecture of lib/', () => {
  it('is read whole: every file and every import', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.find(({ path }) => path === 'm2m.module.ts')?.imports).toContain('m2m.config.ts');
  });

  it('keeps client/ and resource-server/ from importing each other', () => {
    expect(crossings(inRoom('client'), inRoom('resource-server'))).toEqual([]);
    expect(crossings(inRoom('resource-server'), inRoom('client'))).toEqual([]);
  });

  it('keeps the rooms below both halves from importing either', () => {
    expect(crossings(inRoom(...FOUNDATION), inRoom('client', 'resource-server'))).toEqual([]);
  });

  it('keeps Nest out of protocol code', () => {
    expect(crossings(inRoom(...PROTOCOL), (imported) => imported.startsWith('@nestjs/'))).toEqual([]);
  });

  it.each(SUB_PATHS)('lets nothing but cli/ import %s/', (room) => {
    expect(crossings((path) => !inRoom(room, 'cli')(path), inRoom(room))).toEqual([]);
  });

  it('lets no room import the files at the top', () => {
    expect(crossings((path) => !isTopFile(path) && !inRoom(...SUB_PATHS)(path), isTopFile)).toEqual([]);
  });

  it('has no circle between files', () => {
    const graph = new Map(files.map(({ path, imports }) => [path, imports]));
    expect(circles(graph)).toEqual([]);
  });

  it('has no circle between folders', () => {
    const graph = new Map<string, string[]>();
    for (const { path, imports } of files) {
      const own = imports.filter((imported) => files.some((file) => file.path === imported));
      graph.set(dirname(path), [...(graph.get(dirname(path)) ?? []), ...own.map(dirname)]);
    }
    expect(circles(graph, false)).toEqual([]);
  });

  it('has no file over 300 lines, and a median of at most 60', () => {
    const lengths = files.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    expect(lengths.filter(({ lines }) => lines > 300)).toEqual([]);
    const sorted = lengths.map(({ lines }) => lines).toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(60);
  });

  it(`has at most ${MOST_LINES} lines of code beside the testing kit and the command line`, () => {
    const counted = files.filter(({ path }) => !inRoom('testing', 'cli')(path));
    expect(counted.reduce((sum, { text }) => sum + linesOfCode(text), 0)).toBeLessThanOrEqual(MOST_LINES);
  });

  it('knows its own errors by their code: instanceof does not know those of another copy of the package', () => {
    const names = files.flatMap(({ path, text }) =>
      path.startsWith('errors/') ? [...text.matchAll(/export (?:abstract )?class (\w+)/g)].map(([, name]) => name) : [],
    );
    expect(names.length).toBeGreaterThan(10);
    const tests = new RegExp(`instanceof (?:${names.join('|')})\\b`);
    expect(files.filter(({ text }) => tests.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('exports by name', () => {
    expect(files.filter(({ text }) => /^export \*/m.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('test/unit', () => {
  it('mirrors lib/: every spec is named after the file that it tests', () => {
    const unit = join(import.meta.dirname);
    const specs = readdirSync(unit, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.spec.ts'));
    const tested = specs.map((path) => path.replace(/\.spec\.ts$/, '.ts')).filter((path) => !OF_THE_WHOLE.has(path));
    expect(tested.filter((path) => !files.some((file) => file.path === path))).toEqual([]);
  });
});

function isTopFile(path: string): boolean {
  return !path.includes('/') && path.endsWith('.ts');
}

/** Every start from which a graph leads back to itself. @param selfCounts whether an edge of a node to itself is a circle */
function circles(graph: ReadonlyMap<string, readonly string[]>, selfCounts = true): string[] {
  const next = (node: string): readonly string[] =>
    (graph.get(node) ?? []).filter((each) => selfCounts || each !== node);
  return [...graph.keys()].filter((start) => {
    const seen = new Set<string>();
    const waiting = [...next(start)];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (node === start) return true;
      if (!seen.has(node)) waiting.push(...next(node));
      seen.add(node);
    }
    return false;
  });
}

/** Lines that hold at least one token. */
function linesOfCode(text: string): number {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest);
  const lines = new Set<number>();
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child));
    for (const child of children) visit(child);
    if (children.length > 0 || node.kind === ts.SyntaxKind.EndOfFileToken) return;
    const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
    const last = source.getLineAndCharacterOfPosition(node.end).line;
    for (let line = first; line <= last; line += 1) lines.add(line);
  };
  visit(source);
  return lines.size;
}
