import {
  ConsoleLogger,
  type INestApplication,
  type LoggerService,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
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
  /** Undefined for a line that is only a text. */
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** A running application whose log is kept. */
export interface GuardedApp extends AsyncDisposable {
  readonly app: INestApplication;
  readonly url: string;
  readonly log: readonly LogLine[];
}

export interface GuardedAppOptions {
  readonly options: M2MModuleOptions;
  /** Default: one that keeps the lines. */
  readonly logger?: LoggerService;
  readonly platform?: Platform;
  readonly controllers?: Type[];
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  readonly providers?: NonNullable<ModuleMetadata['providers']>;
  /** @default the system's */
  readonly clock?: Clock;
  /** @default 0, a free one */
  readonly port?: number;
  /** Between creation and start, as in `main.ts`. */
  readonly configure?: (app: INestApplication) => unknown;
}

/** Starts an application. */
export async function startGuardedApp(setup: GuardedAppOptions): Promise<GuardedApp> {
  const {
    options,
    platform = 'express',
    controllers = [],
    imports = [],
    providers = [],
    clock,
    port = 0,
    configure,
  } = setup;
  const logger = new KeptLog();
  const builder = Test.createTestingModule({
    imports: [M2MModule.forRoot(options), ...imports],
    controllers,
    providers,
  }).setLogger(setup.logger ?? logger);
  if (clock) builder.overrideProvider(M2M_CLOCK).useValue(clock);
  const module = await builder.compile();
  const app =
    platform === 'fastify' ? module.createNestApplication(new FastifyAdapter()) : module.createNestApplication();
  await configure?.(app);
  try {
    await app.listen(port, '127.0.0.1');
  } catch (error) {
    await app.close();
    throw error;
  }
  return { app, url: await app.getUrl(), log: logger.lines, [Symbol.asyncDispose]: () => app.close() };
}

class KeptLog extends ConsoleLogger {
  readonly lines: LogLine[] = [];

  override log(): void {}

  override debug(line: unknown): void {
    this.keep('debug', line);
  }

  override warn(line: unknown): void {
    this.keep('warn', line);
  }

  override error(line: unknown): void {
    this.keep('error', line);
  }

  private keep(level: string, line: unknown): void {
    const fields = typeof line === 'object' && line !== null ? { ...line } : undefined;
    this.lines.push({ level, text: String(line), fields });
  }
}
