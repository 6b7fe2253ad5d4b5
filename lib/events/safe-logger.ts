import { Logger } from '@nestjs/common';

/** What writes the lines of a running application. */
export type SafeLogger = Readonly<Record<'debug' | 'log' | 'warn' | 'error', (line: unknown) => void>>;

/**
 * A logger for lines that are written while requests are served, and from timers. What the application's logger throws
 * changes no answer, and does not end the process.
 */
export function safeLogger(context: string): SafeLogger {
  const logger = new Logger(context);
  const safely = (level: keyof SafeLogger) => (line: unknown) => {
    try {
      logger[level](line);
    } catch {
      // There is no other place to say it.
    }
  };
  return { debug: safely('debug'), log: safely('log'), warn: safely('warn'), error: safely('error') };
}
