import { ConsoleLogger, type INestApplication, type ModuleMetadata, type Type } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { M2MModule } from '../../lib/m2m.module.js';
import { M2M_CLOCK } from '../../lib/options/injection-tokens.js';
import type { M2MModuleOptions } from '../../lib/options/module-options.js';
import type { Clock } from '../../lib/time/clock.js';

export type Platform = 'express' | 'fastify';
export const platforms: readonly Platform[] = ['express', 'fastify'];

/** A line that an application logged. */
export interface LogLine {
  readonly level: string;
  readonly text: string;
}

/** A running application whose log is kept. */
export interface GuardedApp extends AsyncDisposable {
  readonly app: INestApplication;
  readonly url: string;
  readonly log: readonly LogLine[];
}

export interface GuardedAppOptions {
  readonly options: M2MModuleOptions;
  readonly platform?: Platform;
  readonly controllers?: Type[];
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  readonly providers?: NonNullable<ModuleMetadata['providers']>;
  /** @default the system's */
  readonly clock?: Clock;
  /** Between creation and start, as in `main.ts`. */
  readonly configure?: (app: INestApplication) => unknown;
}

/** Starts an application on a free port. */
export async function startGuardedApp(setup: GuardedAppOptions): Promise<GuardedApp> {
  const { options, platform = 'express', controllers = [], imports = [], providers = [], clock, configure } = setup;
  const logger = new KeptLog();
  const builder = Test.createTestingModule({
    imports: [M2MModule.forRoot(options), ...imports],
    controllers,
    providers,
  }).setLogger(logger);
  if (clock) builder.overrideProvider(M2M_CLOCK).useValue(clock);
  const module = await builder.compile();
  const app =
    platform === 'fastify' ? module.createNestApplication(new FastifyAdapter()) : module.createNestApplication();
  await configure?.(app);
  try {
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close();
    throw error;
  }
  return { app, url: await app.getUrl(), log: logger.lines, [Symbol.asyncDispose]: () => app.close() };
}

class KeptLog extends ConsoleLogger {
  readonly lines: LogLine[] = [];

  override log(): void {}

  override debug(text: string): void {
    this.lines.push({ level: 'debug', text });
  }

  override warn(text: string): void {
    this.lines.push({ level: 'warn', text });
  }

  override error(text: string): void {
    this.lines.push({ level: 'error', text });
  }
}
