import { cut } from '../errors/printable.js';
import type { Clock } from '../time/clock.js';
import type { IdentifiedLogger } from './identified-logger.js';
import type { LogId } from './log-ids.js';
import type { LogField } from './log-line.js';

/** Milliseconds for which a line is not repeated. */
const MINUTE = 60_000;
/** Kinds of lines, by subject and reason, that are counted each for itself. */
const MOST_KINDS = 1000;
/** Characters of a line. */
const LONGEST_LINE = 2000;

/** A line that may repeat. */
export interface RepeatableLine {
  readonly id: LogId;
  readonly level: 'debug' | 'warn' | 'error';
  /** The handler or the issuer that it is about. */
  readonly subject: string;
  /** A word of a fixed list. */
  readonly reason: string;
  readonly text: string;
  /** Further fields; values of a token only if it was verified. */
  readonly fields: Readonly<Record<string, LogField>>;
}

/** A minute that began with a line, and the lines that it did not show. */
interface Minute {
  hidden: number;
  last: RepeatableLine | undefined;
  cancel(): void;
}

/**
 * Writes one line for each subject and reason a minute: the first at once, then one that counts those that came meanwhile
 * and shows the last of them.
 */
export class LimitedLog {
  readonly #minutes = new Map<string, Minute>();
  #isClosed = false;

  constructor(
    private readonly logger: Pick<IdentifiedLogger, 'debug' | 'warn' | 'error'>,
    private readonly clock: Clock,
  ) {}

  /** Writes a line, unless one of its subject and reason was written in the last minute. */
  write(line: RepeatableLine): void {
    const known = this.#minutes.get(kindOf(line)) ?? (this.#isFull() ? this.#minutes.get(OTHERS) : undefined);
    if (known) {
      known.hidden += 1;
      known.last = line;
      return;
    }
    this.#log(line, '', undefined);
    if (!this.#isClosed) this.#begin(this.#isFull() ? OTHERS : kindOf(line));
  }

  /** Writes the counts of the minutes that have begun. Later lines are not counted. */
  close(): void {
    this.#isClosed = true;
    for (const [kind, minute] of this.#minutes) {
      minute.cancel();
      this.#count(kind, minute);
    }
    this.#minutes.clear();
  }

  #isFull(): boolean {
    return this.#minutes.size >= MOST_KINDS;
  }

  #begin(kind: string): void {
    const minute: Minute = {
      hidden: 0,
      last: undefined,
      cancel: this.clock.after(MINUTE, () => this.#end(kind, minute)),
    };
    this.#minutes.set(kind, minute);
  }

  #end(kind: string, minute: Minute): void {
    this.#minutes.delete(kind);
    // The count is a line, too.
    if (this.#count(kind, minute)) this.#begin(kind);
  }

  /** Whether there was something to count. */
  #count(kind: string, { hidden, last }: Minute): boolean {
    if (!last) return false;
    const of = kind === OTHERS ? ' of many kinds' : '';
    const counted = hidden === 1 ? 'once more' : `the last of ${hidden} more`;
    this.#log(last, ` (${counted}${of} in the last minute)`, hidden);
    return true;
  }

  #log({ id, level, text, reason, fields }: RepeatableLine, count: string, repeated: number | undefined): void {
    this.logger[level](id, cut(text, LONGEST_LINE) + count, { reason, ...fields, repeated });
  }
}

/** The kind of every line for which there are too many kinds already. */
const OTHERS = '';

function kindOf({ subject, reason }: RepeatableLine): string {
  return `${subject} ${reason}`;
}
