import { Logger } from '@nestjs/common';
import type { LogId } from './log-ids.js';
import { LogLine, type LogField } from './log-line.js';

/** Writes a line that begins with its id; with fields, as a {@link LogLine}. */
type WriteLine = (id: LogId, text: string, fields?: Readonly<Record<string, LogField>>) => void;

/** What writes the lines of this package. */
export type IdentifiedLogger = Readonly<Record<'debug' | 'log' | 'warn' | 'error', WriteLine>>;

/**
 * The way to the application's logger, for every line of this package. Lines are also written while requests are served, and
 * from timers: what that logger throws changes no answer, and does not end the process.
 */
export function identifiedLogger(context: string): IdentifiedLogger {
  const logger = new Logger(context);
  const at =
    (level: keyof IdentifiedLogger): WriteLine =>
    (id, text, fields) => {
      const line = `${id} ${text}`;
      try {
        logger[level](fields ? new LogLine(line, fields) : line);
      } catch {
        // There is no other place to say it.
      }
    };
  return { debug: at('debug'), log: at('log'), warn: at('warn'), error: at('error') };
}

/** Whether the application's logger writes lines of the level debug. */
export function writesDebugLines(): boolean {
  return Logger.isLevelEnabled('debug');
}
