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
  readonly caller: M2MCaller;
  /** Whether its token is being verified now. */
  isChecked: boolean;
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

  /**
   * @param verify throws for a token that is no longer accepted
   * @param isOver whether a token is too old by what its caller says: no server has to be asked for that
   */
  constructor(
    verify: (token: string) => Promise<M2MCaller>,
    private readonly isOver: (caller: M2MCaller) => boolean,
    private readonly clock: Clock,
  ) {
    this.#verify = verify;
  }

  /** Ends a connection once its token is no longer accepted. */
  watch(socket: RequestSocket, token: string, caller: M2MCaller): void {
    if (this.#isClosed || this.#open.has(socket.key)) return;
    this.#open.set(socket.key, { socket, token, caller, isChecked: false });
    socket.onEnd(() => this.#open.delete(socket.key));
    if (caller.expiresAt < this.wakesAt) this.schedule();
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
    for (const { caller } of this.#open.values()) wait = Math.min(wait, caller.expiresAt - time);
    wait = Math.max(wait, SHORTEST_WAIT);
    this.wakesAt = time + wait;
    this.#cancel = this.clock.after(wait, () => this.sweep());
  }

  /** Waits for none of them: a server that is slow to answer about one token must not keep the others open. */
  private sweep(): void {
    for (const each of this.#open.values()) if (!each.isChecked) void this.check(each);
    this.schedule();
  }

  private async check(connection: OpenConnection): Promise<void> {
    const { socket, token, caller } = connection;
    connection.isChecked = true;
    try {
      await this.#verify(token);
    } catch (error) {
      const isUnknown = hasCode(error, 'ERR_M2M_KEYS_UNAVAILABLE') || hasCode(error, 'ERR_M2M_CALLBACK');
      // Nobody can tell now, and what was accepted stays so until its own end.
      if (isUnknown && !this.isOver(caller)) return;
      this.#open.delete(socket.key);
      socket.end();
    } finally {
      connection.isChecked = false;
    }
  }
}
