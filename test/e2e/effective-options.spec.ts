import { afterEach, describe, expect, it } from '@jest/globals';
import { ConsoleLogger, Logger, type LogLevel } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { M2MModule, oidc } from '../../lib/index.js';

const SECRET = 's3cret-of-the-test';

class CollectingLogger extends ConsoleLogger {
  readonly lines: string[] = [];

  protected override printMessages(messages: unknown[], context?: string, level?: LogLevel): void {
    this.lines.push(...messages.map((message) => `${level} ${context} ${String(message)}`));
  }
}

async function linesAtStart(logLevels: LogLevel[]): Promise<readonly string[]> {
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
  return logger.lines.filter((line) => line.includes('M2M-1011'));
}

describe('the start of an application', () => {
  afterEach(() => Logger.overrideLogger(['log', 'fatal', 'error', 'warn', 'debug', 'verbose']));

  it('logs the options in effect at debug level, without secrets (claim 2.8)', async () => {
    const lines = await linesAtStart(['debug']);
    expect(lines).toEqual([
      expect.stringMatching(/^debug M2MModule M2M-1011 authorizationServer: name "OpenID Connect" \(option\), issuer /),
      expect.stringMatching(/^debug M2MModule M2M-1011 client: clientId "orders" \(option\), clientSecret \[set\] /),
    ]);
    expect(lines.join()).not.toContain(SECRET);
  });

  it('logs none of that without the level', async () => {
    expect(await linesAtStart(['log', 'warn', 'error'])).toEqual([]);
  });
});
