import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { classOf } from '../../errors/class-of.js';
import { M2MConfigurationError } from '../../errors/configuration.error.js';
import type { M2MHandler } from '../../resource-server/handler-audit/listed-handlers.js';
import { M2MHandlerAudit } from '../../resource-server/handler-audit/m2m-handler-audit.js';
import { isObject } from '../../validation/checks.js';
import { importApplication, type ApplicationArgument } from './application-argument.js';

/**
 * The handlers of an application, as M2MHandlers lists them. The application is made, and not initialized: nothing listens,
 * no hook runs, no token and no key is requested.
 *
 * @throws M2MConfigurationError if the checks at the start would stop it
 */
export async function auditedHandlers(argument: ApplicationArgument): Promise<readonly M2MHandler[]> {
  const given = await importApplication(argument);
  const app = 'create' in given ? await given.create() : await create(given.root, argument.file);
  if (!isObject(app) || typeof app['get'] !== 'function') throw noApplication(argument);
  const audit = auditOf(app);
  audit.onModuleInit();
  return audit.handlers;
}

const CORE = '@nestjs/core';
const OPTIONS = { logger: false, abortOnError: false } as const;

async function create(root: Type | DynamicModule, file: string): Promise<INestApplicationContext> {
  const [own, theirs] = [import.meta.url, file].map((place) => found(() => createRequire(place).resolve(CORE)));
  if (theirs !== undefined && theirs !== own) throw notOfThisCopy(`has another copy of ${CORE}: ${theirs}`);
  const adapter = await adapterOf(file);
  return adapter ? NestFactory.create(root, adapter, OPTIONS) : NestFactory.createApplicationContext(root, OPTIONS);
}

const PLATFORMS = [
  ['@nestjs/platform-express', 'ExpressAdapter'],
  ['@nestjs/platform-fastify', 'FastifyAdapter'],
] as const;

/** The platform that is installed beside the application: Nest would end the process if it found none. */
async function adapterOf(file: string): Promise<AbstractHttpAdapter | undefined> {
  const { resolve } = createRequire(file);
  for (const [name, className] of PLATFORMS) {
    const path = found(() => resolve(name));
    if (path === undefined) continue;
    const platform = (await import(pathToFileURL(path).href)) as Record<string, new () => AbstractHttpAdapter>;
    const Adapter = platform[className];
    if (Adapter) return new Adapter();
  }
  return undefined;
}

function found(resolve: () => string): string | undefined {
  try {
    return resolve();
  } catch {
    return undefined;
  }
}

function noApplication({ file, name = 'default' }: ApplicationArgument): M2MConfigurationError {
  const problem = `exports a function ${name} that returns no application`;
  const remedy = 'return NestFactory.create(AppModule) # in that function';
  return new M2MConfigurationError({ option: file, problem, remedy });
}

function auditOf(app: INestApplicationContext): M2MHandlerAudit {
  try {
    return app.get(M2MHandlerAudit, { strict: false });
  } catch (error) {
    if (classOf(error) !== 'UnknownElementException') throw error;
    throw notOfThisCopy(
      'imports no M2MModule of this copy of nestjs-m2m',
      'imports: [M2MModule.forRoot({ ... })]\nor ',
    );
  }
}

function notOfThisCopy(problem: string, others = ''): M2MConfigurationError {
  const remedy = `${others}npx nestjs-m2m in the folder of the application`;
  return new M2MConfigurationError({ option: 'the application', problem, remedy });
}
