import type { Clock } from '../../../time/clock.js';

/** Look-ups at once. */
const MOST = 4;
/** Look-ups at once with those of new issuers: the last place is for issuers that were found before. */
const MOST_NEW = 3;
/** Milliseconds that a look-up waits for its turn. */
const LONGEST_WAIT = 2000;

/** How many look-ups run at once. Anybody can have new issuers looked up, so that known ones have their turn first. */
export class LookUpLanes {
  private running = 0;
  private readonly waiting = { known: new Set<() => void>(), unknown: new Set<() => void>() };

  constructor(private readonly clock: Clock) {}

  /**
   * Runs a look-up when it is its turn.
   *
   * @returns `undefined` if that takes too long
   */
  async run<T extends object>(lane: 'known' | 'unknown', lookUp: () => Promise<T>): Promise<T | undefined> {
    if (!(await this.turn(lane))) return undefined;
    try {
      return await lookUp();
    } finally {
      this.running -= 1;
      this.next();
    }
  }

  private turn(lane: 'known' | 'unknown'): true | Promise<boolean> {
    if (this.isFree(lane)) {
      this.running += 1;
      return true;
    }
    return new Promise((resolve) => {
      const waiting = this.waiting[lane];
      const end = (isTurn: boolean): void => {
        waiting.delete(start);
        cancel();
        resolve(isTurn);
      };
      const start = (): void => end(true);
      const cancel = this.clock.after(LONGEST_WAIT, () => end(false), { keepAlive: true });
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
    return this.running < (lane === 'known' ? MOST : MOST_NEW);
  }
}
