import type { Clock } from '../../time/clock.js';

/** How many requests run at once, and wait. */
export interface LaneLimits {
  /** Requests at once. */
  readonly most: number;
  /** Requests at once with those in the lane of the unknown: the other places are for what is known. */
  readonly mostUnknown: number;
  /** Milliseconds that a request waits for its turn. */
  readonly longestWait: number;
  /** Requests that wait in each lane. */
  readonly mostWaiting: number;
}

/** How many requests run at once. Anybody can cause those about something unknown, so that what is known has its turn first. */
export class Lanes {
  private running = 0;
  private readonly waiting = { known: new Set<() => void>(), unknown: new Set<() => void>() };

  constructor(
    private readonly limits: LaneLimits,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs a request when it is its turn.
   *
   * @returns `undefined` if that takes too long, or too many wait
   */
  async run<T extends object>(lane: 'known' | 'unknown', request: () => Promise<T>): Promise<T | undefined> {
    if (!(await this.turn(lane))) return undefined;
    try {
      return await request();
    } finally {
      this.running -= 1;
      this.next();
    }
  }

  private turn(lane: 'known' | 'unknown'): boolean | Promise<boolean> {
    if (this.isFree(lane)) {
      this.running += 1;
      return true;
    }
    const waiting = this.waiting[lane];
    if (waiting.size >= this.limits.mostWaiting) return false;
    return new Promise((resolve) => {
      const end = (isTurn: boolean): void => {
        waiting.delete(start);
        cancel();
        resolve(isTurn);
      };
      const start = (): void => end(true);
      const cancel = this.clock.after(this.limits.longestWait, () => end(false), { keepAlive: true });
      waiting.add(start);
    });
  }

  private next(): void {
    const lane = this.waiting.known.size > 0 ? 'known' : 'unknown';
    const [start] = this.waiting[lane];
    if (!start || !this.isFree(lane)) return;
    this.running += 1;
    start();
  }

  private isFree(lane: 'known' | 'unknown'): boolean {
    return this.running < (lane === 'known' ? this.limits.most : this.limits.mostUnknown);
  }
}
