import { afterEach, describe, expect, it } from '@jest/globals';
import { ConsoleLogger, Logger, type LogLevel } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { M2MModule, oidc } from '../../lib/index.js';

const SECRET = 's3cret-of-the-test';

class CollectingLogger extends ConsoleLogger {
  readonly lines: string[] = [];
  /** Lines of the level debug that came, written or not. */
  readonly debugLines: unknown[] = [];

  override debug(line: unknown, ...more: unknown[]): void {
    this.debugLines.push(line);
    super.debug(line, ...(more as [string]));
  }

  protected override printMessages(messages: unknown[], context?: string, level?: LogLevel): void {
    this.lines.push(...messages.map((message) => `${level} ${context} ${String(message)}`));
  }
}

async function linesAtStart(
  logLevels: LogLevel[],
): Promise<{ readonly lines: readonly string[]; readonly made: number }> {
  const logger = new CollectingLogger({ logLevels });
  Logger.overrideLogger(logLevels);
  const m2m = M2MModule.forRoot({
    authorizationServer: oidc({ issuer: 'https://id.example.com' }),
    client: { clientId: 'orders', clientSecret: SECRET },
  });
  const testing = await Test.createTestingModule({ imports: [m2m] })
    .setLogger(logger)
    .compile();
  await testing.close();
  const made = logger.debugLines.filter((line) => String(line).includes('M2M-1011')).length;
  return { lines: logger.lines.filter((line) => line.includes('M2M-1011')), made };
}

describe('the start of an application', () => {
  afterEach(() => Logger.overrideLogger(['log', 'fatal', 'error', 'warn', 'debug', 'verbose']));

  it('logs the options in effect at debug level, without secrets (claim 2.8)', async () => {
    const { lines, made } = await linesAtStart(['debug']);
    expect(lines).toEqual([
      expect.stringMatching(/^debug M2MModule M2M-1011 authorizationServer: name "OpenID Connect" \(option\), issuer /),
      expect.stringMatching(/^debug M2MModule M2M-1011 client: clientId "orders" \(option\), clientSecret \[set\] /),
    ]);
    expect(lines.join()).not.toContain(SECRET);
    expect(made).toBe(2);
  });

  it('makes none of those lines without the level', async () => {
    expect(await linesAtStart(['log', 'warn', 'error'])).toEqual({ lines: [], made: 0 });
  });
});
