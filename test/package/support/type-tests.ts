import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.js';

/** Each is a program of its own: the names that one declares are not those of the others. */
const programs = ['../../types', '../fixtures/typed-names'].map((folder) => join(import.meta.dirname, folder));

/** Type tests for applications that have an optional peer, which the starters do not have. */
const OF_OPTIONAL_PEERS: ReadonlySet<string> = new Set(['swagger.ts']);

/** How an application may ask the compiler to resolve modules. */
export interface Resolution {
  /** The extension decides whether a file is an ES module (`mts`), a CommonJS one (`cts`), or either (`ts`). */
  readonly extension: 'mts' | 'cts' | 'ts';
  readonly compilerOptions: Readonly<Record<string, unknown>>;
}

const nodenext = { module: 'nodenext', moduleResolution: 'nodenext' };
export const asEsModule: Resolution = { extension: 'mts', compilerOptions: nodenext };
export const asCommonJs: Resolution = { extension: 'cts', compilerOptions: nodenext };
export const forBundlers: Resolution = {
  extension: 'ts',
  compilerOptions: { module: 'esnext', moduleResolution: 'bundler' },
};
/** Exports maps are unknown to it, and so are the two declaration files of Axios. TypeScript 6 no longer has it. */
export const beforeExportsMaps: Resolution = {
  extension: 'ts',
  compilerOptions: { module: 'commonjs', moduleResolution: 'node10', resolvePackageJsonExports: false },
};

/**
 * Compiles the type tests inside an application, against its versions of everything, declaration files included.
 *
 * @throws Error with what the compiler says
 */
export async function compileTypeTests(application: string, resolution: Resolution): Promise<string> {
  let output = '';
  for (const program of programs) output += await compile(application, program, resolution);
  return output;
}

async function compile(
  application: string,
  program: string,
  { extension, compilerOptions }: Resolution,
): Promise<string> {
  const folder = join(application, 'types');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  for (const file of (await readdir(program)).filter((name) => !OF_OPTIONAL_PEERS.has(name))) {
    await copyFile(join(program, file), join(folder, file.replace(/ts$/, extension)));
  }
  const checked = {
    noEmit: true,
    incremental: false,
    rootDir: '.',
    strict: true,
    skipLibCheck: false,
    types: ['node'],
  };
  const project = { extends: '../tsconfig.json', compilerOptions: { ...checked, ...compilerOptions }, include: ['*'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project));
  return run('npx', ['tsc', '-p', 'types'], { cwd: application });
}
