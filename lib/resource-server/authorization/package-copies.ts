import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Shared by all copies of the package in a process. */
const COPIES = Symbol.for('nestjs-m2m:copies');
const NAME = 'nestjs-m2m';

/** The files of copies of the package, and whether a log line has named each. */
type Copies = Map<string, boolean>;

const own = ownFile();

/** Remembers this copy of the package: one that has only decorators in use has no other way to be noticed. */
export function registerCopy(): void {
  const copies = allCopies();
  if (own !== undefined && !copies.has(own)) copies.set(own, false);
}

/**
 * A log line that names the copies of the package in this process, if there are several; once for all applications. The
 * same files that are loaded again, as after `jest.resetModules()`, are one copy.
 */
export function copiesWarning(): string | undefined {
  registerCopy();
  const copies = allCopies();
  if (copies.size < 2 || ![...copies.values()].includes(false)) return undefined;
  for (const each of copies.keys()) copies.set(each, true);
  const found = [...copies.keys()].map(describeCopy).join(', ');
  return `${copies.size} copies of ${NAME} are in this process: ${found}. Conditions hold across them, but the M2MGuard, the services and the errors of one are unknown to the others; write: one version of ${NAME} for all packages, and npm dedupe`;
}

function allCopies(): Copies {
  const shared = globalThis as { [COPIES]?: Copies };
  return (shared[COPIES] ??= new Map());
}

/** This file. `import.meta` does not compile to CommonJS, which Jest and bundlers make of the package. */
function ownFile(): string | undefined {
  const [, frame = ''] = new Error('where this is').stack?.split('\n') ?? [];
  const [, place] = /^\s+at (?:\S+ \()?(.*):\d+:\d+\)?$/.exec(frame) ?? [];
  return place?.startsWith('file:') ? fileURLToPath(place) : place;
}

/** The folder and the version of the package that a file belongs to; the file, if it was bundled. */
function describeCopy(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const version = versionIn(folder);
    if (version !== undefined) return `${folder} (${version})`;
  }
  return file;
}

function versionIn(folder: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    return name === NAME ? String(version) : undefined;
  } catch {
    return undefined;
  }
}
