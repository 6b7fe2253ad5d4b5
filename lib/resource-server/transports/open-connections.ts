import { hasCode } from '../../errors/has-code.js';
import type { M2MCaller } from '../../caller/m2m-caller.js';
import type { Clock } from '../../time/clock.js';
import type { RequestSocket } from './request-socket.js';

/** Milliseconds within which every token is verified again. */
const LONGEST_WAIT = 30_000;
/** Milliseconds between attempts with a token that has expired, and is accepted for the tolerance of clocks. */
const SHORTEST_WAIT = 1000;

interface OpenConnection {
  readonly socket: RequestSocket;
  readonly token: string;
  readonly expiresAt: number;
}

/** Connections that were opened with an access token: they end when the token is no longer accepted. */
export class OpenConnections {
  /** They hold tokens. */
  readonly #open = new Map<object, OpenConnection>();
  readonly #verify: (token: string) => Promise<M2MCaller>;
  #cancel: (() => void) | undefined;
  #isClosed = false;
  /** Milliseconds since the epoch. */
  private wakesAt = Infinity;

  /** @param verify throws for a token that is no longer accepted */
  constructor(
    verify: (token: string) => Promise<M2MCaller>,
    private readonly clock: Clock,
  ) {
    this.#verify = verify;
  }

  /** Ends a connection once its token is no longer accepted. */
  watch(socket: RequestSocket, token: string, { expiresAt }: M2MCaller): void {
    if (this.#isClosed || this.#open.has(socket.key)) return;
    this.#open.set(socket.key, { socket, token, expiresAt });
    socket.onEnd(() => this.#open.delete(socket.key));
    if (expiresAt < this.wakesAt) this.schedule();
  }

  /** Watches no longer. */
  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
    this.#open.clear();
  }

  private schedule(): void {
    this.#cancel?.();
    this.wakesAt = Infinity;
    if (this.#isClosed || this.#open.size === 0) return;
    const time = this.clock.wall();
    let wait = LONGEST_WAIT;
    for (const { expiresAt } of this.#open.values()) wait = Math.min(wait, expiresAt - time);
    wait = Math.max(wait, SHORTEST_WAIT);
    this.wakesAt = time + wait;
    this.#cancel = this.clock.after(wait, () => void this.sweep());
  }

  private async sweep(): Promise<void> {
    await Promise.all([...this.#open.values()].map((each) => this.check(each)));
    this.schedule();
  }

  private async check({ socket, token }: OpenConnection): Promise<void> {
    try {
      await this.#verify(token);
    } catch (error) {
      // Nobody can tell now, and what was accepted stays so.
      if (hasCode(error, 'ERR_M2M_KEYS_UNAVAILABLE') || hasCode(error, 'ERR_M2M_CALLBACK')) return;
      this.#open.delete(socket.key);
      socket.end();
    }
  }
}
