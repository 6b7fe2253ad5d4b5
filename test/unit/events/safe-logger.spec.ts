import { afterEach, describe, expect, it } from '@jest/globals';
import { Logger, type LoggerService } from '@nestjs/common';
import { safeLogger, type SafeLogger } from '../../../lib/events/safe-logger.js';

const LEVELS = ['debug', 'log', 'warn', 'error'] as const satisfies readonly (keyof SafeLogger)[];

/** A logger of an application. */
function loggerThat(does: (...line: unknown[]) => void): LoggerService {
  return { debug: does, log: does, warn: does, error: does };
}

describe('safeLogger', () => {
  afterEach(() => Logger.overrideLogger(true));

  it.each(LEVELS)('hands a line to %s of the logger of the application', (level) => {
    const written: unknown[] = [];
    Logger.overrideLogger(loggerThat((line, ...more) => written.push(line, more.at(-1))));
    safeLogger('M2MGuard')[level]('a line');
    expect(written).toEqual(['a line', 'M2MGuard']);
  });

  it.each(LEVELS)('throws nothing if %s throws', (level) => {
    Logger.overrideLogger(
      loggerThat(() => {
        throw new Error('ENOSPC');
      }),
    );
    expect(() => safeLogger('M2MGuard')[level]('a line')).not.toThrow();
  });
});
