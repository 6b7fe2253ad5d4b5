import { isTokenText, type IssuedToken } from '../token/cached-token.js';
import { TokenStoreError } from '../../../errors/token-store.error.js';
import type { Clock } from '../../../time/clock.js';
import { later, now, since } from '../../../time/moment.js';
import type { FaultTolerantTokenStore } from './fault-tolerant-token-store.js';

const FORMAT = 1;

/** A token as the store keeps it. */
export interface TokenRecord extends Omit<IssuedToken, 'requestedAt'> {
  /** Milliseconds that the endpoint took for it. */
  readonly fetchTime: number;
}

/** A record as the text that the store keeps. */
function encodeToken({ value, lifetime, scope, fetchTime }: TokenRecord): string {
  return JSON.stringify([FORMAT, value, lifetime, scope ?? null, fetchTime]);
}

/** Reads a record back. `undefined` for any other text, and for the format of another version. */
function decodeToken(text: string): TokenRecord | undefined {
  try {
    const [format, value, lifetime, scope, fetchTime] = JSON.parse(text) as unknown[];
    if (format !== FORMAT || !isTokenText(value) || !isDuration(lifetime) || lifetime === 0) return undefined;
    if (!isDuration(fetchTime) || (scope !== null && !Array.isArray(scope))) return undefined;
    return { value, lifetime, scope: scope?.map(String), fetchTime };
  } catch {
    return undefined;
  }
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** The tokens that processes share through a store. */
export class SharedTokens {
  #fetchTime = 0;

  constructor(
    private readonly store: FaultTolerantTokenStore,
    private readonly clock: Clock,
    private readonly onFailure: (error: TokenStoreError) => void,
  ) {}

  /** Milliseconds that the endpoint took for the last token that was read or written, whichever process requested it. */
  get fetchTime(): number {
    return this.#fetchTime;
  }

  /** Reads a token. Its `requestedAt` is by the clock of this process. */
  async read(key: string): Promise<IssuedToken | undefined> {
    const readAt = now(this.clock);
    const stored = await this.store.get(key);
    if (stored === undefined) return undefined;
    const record = decodeToken(stored.value);
    if (!record) {
      this.onFailure(new TokenStoreError('the token store holds a value that is no token of this version'));
      return undefined;
    }
    const { value, lifetime, scope, fetchTime } = record;
    this.#fetchTime = fetchTime;
    return { value, lifetime, scope, requestedAt: later(readAt, Math.min(stored.remaining, lifetime) - lifetime) };
  }

  /**
   * Writes a token.
   *
   * @param fetchTime milliseconds that the endpoint took for it. Default: the time since it was requested
   */
  async write(
    key: string,
    { value, lifetime, scope, requestedAt }: IssuedToken,
    fetchTime = Math.max(0, since(requestedAt, this.clock)),
  ): Promise<void> {
    this.#fetchTime = fetchTime;
    const remaining = lifetime - since(requestedAt, this.clock);
    if (remaining < 1) return;
    await this.store.set(key, encodeToken({ value, lifetime, scope, fetchTime }), Math.floor(remaining));
  }

  /** Removes a token. With `ifValue`, only if it is still that one. */
  async forget(key: string, ifValue: string | undefined): Promise<void> {
    if (ifValue === undefined) return this.store.delete(key);
    const stored = await this.store.get(key);
    if (stored && decodeToken(stored.value)?.value === ifValue) await this.store.delete(key, stored.value);
  }
}
