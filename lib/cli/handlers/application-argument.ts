import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { M2MConfigurationError } from '../../errors/configuration.error.js';
import { isObject } from '../../validation/checks.js';

/** What an argument leads to: a root module, or a function that makes the application. */
export type GivenApplication =
  | { readonly root: Type | DynamicModule }
  | { readonly create: () => INestApplicationContext | Promise<INestApplicationContext> };

/** A file of JavaScript, and the name of one of its exports. */
export interface ApplicationArgument {
  /** As an absolute path. */
  readonly file: string;
  /** `undefined`: `AppModule`, else the default export. */
  readonly name: string | undefined;
}

const EXAMPLE = 'nestjs-m2m handlers dist/app.module.js#AppModule';

/** Splits `dist/app.module.js#AppModule`. @throws M2MConfigurationError if there is no such file of JavaScript */
export function readArgument(argument: string): ApplicationArgument {
  const hash = argument.lastIndexOf('#');
  const [path, name] = hash < 0 ? [argument, ''] : [argument.slice(0, hash), argument.slice(hash + 1)];
  const file = resolve(path);
  if (/\.[cm]?tsx?$/.test(path)) throw unusable(argument, 'is TypeScript', `${EXAMPLE} # after npm run build`);
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) throw unusable(argument, found ? 'is no file' : 'does not exist', EXAMPLE);
  return { file, name: name || undefined };
}

/** Imports what an argument names. Its file runs, as `import` runs it. @throws M2MConfigurationError if it is something else */
export async function importApplication({ file, name }: ApplicationArgument): Promise<GivenApplication> {
  const exported = exportsOf((await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>);
  const value = name === undefined ? (exported('AppModule') ?? exported('default')) : exported(name);
  if (isObject(value) && typeof value['module'] === 'function') return { root: value as unknown as DynamicModule };
  if (typeof value !== 'function') {
    const problem = name === undefined ? 'exports neither AppModule nor a default' : `exports no ${name}`;
    throw unusable(file, problem, `${EXAMPLE}\nor ${EXAMPLE.replace('#AppModule', '#createApp')}`);
  }
  if (isClass(value)) return { root: value as Type };
  return { create: value as () => Promise<INestApplicationContext> };
}

/** CommonJS has its exports in the default one, too. */
function exportsOf(module: Readonly<Record<string, unknown>>): (name: string) => unknown {
  const inDefault = module['default'];
  return (name) => {
    if (Object.hasOwn(module, name) && !(name === 'default' && isObject(inDefault))) return module[name];
    return isObject(inDefault) && Object.hasOwn(inDefault, name) ? inDefault[name] : undefined;
  };
}

function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

function unusable(option: string, problem: string, remedy: string): M2MConfigurationError {
  return new M2MConfigurationError({ option, problem, remedy });
}
