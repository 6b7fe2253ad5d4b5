import { inspect } from 'node:util';

/** What a field of a log line may hold. */
export type LogField = string | number | undefined;

/**
 * A line of the log that has fields, for Nest's `Logger`: loggers that write JSON find the text in `msg` and each field by
 * its name, and loggers that write text print the text alone.
 */
export class LogLine {
  constructor(
    readonly msg: string,
    fields: Readonly<Record<string, LogField>>,
  ) {
    const known = Object.entries(fields).filter(([, value]) => value !== undefined);
    Object.assign(this, Object.fromEntries(known));
    Object.freeze(this);
  }

  /** The text, for loggers of winston. They read no other name. */
  get message(): string {
    return this.msg;
  }

  toString(): string {
    return this.msg;
  }

  /** What Nest's ConsoleLogger prints if it does not write JSON. */
  [inspect.custom](): string {
    return this.msg;
  }
}
