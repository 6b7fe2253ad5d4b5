import { afterEach, describe, expect, it } from '@jest/globals';
import { Logger, type LoggerService } from '@nestjs/common';
import { LOG_IDS } from '../../../lib/events/log-ids.js';
import { identifiedLogger, type IdentifiedLogger } from '../../../lib/events/identified-logger.js';

const LEVELS = ['debug', 'log', 'warn', 'error'] as const satisfies readonly (keyof IdentifiedLogger)[];

/** A logger of an application. */
function loggerThat(does: (...line: unknown[]) => void): LoggerService {
  return { debug: does, log: does, warn: does, error: does };
}

describe('identifiedLogger', () => {
  afterEach(() => Logger.overrideLogger(true));

  it.each(LEVELS)('hands a line, behind its id, to %s of the logger of the application', (level) => {
    const written: unknown[] = [];
    Logger.overrideLogger(loggerThat((line, ...more) => written.push(line, more.at(-1))));
    identifiedLogger('M2MGuard')[level](LOG_IDS.CALLS_FAIL, 'a line');
    expect(written).toEqual(['M2M-2003 a line', 'M2MGuard']);
  });

  it.each(LEVELS)('throws nothing if %s throws', (level) => {
    Logger.overrideLogger(
      loggerThat(() => {
        throw new Error('ENOSPC');
      }),
    );
    expect(() => identifiedLogger('M2MGuard')[level](LOG_IDS.CALLS_FAIL, 'a line')).not.toThrow();
  });
});
