import { TokenStoreError } from '../../../errors/token-store.error.js';
import type { IssuedToken } from '../token/cached-token.js';
import type { FaultTolerantTokenStore } from './fault-tolerant-token-store.js';
import { decodeToken, encodeToken } from './token-record.js';

/** A token out of the store. */
export interface SharedToken {
  readonly issued: IssuedToken;
  /** Milliseconds. */
  readonly remaining: number;
}

/** The tokens that processes share through a store. */
export class SharedTokens {
  #fetchTime = 0;

  constructor(
    private readonly store: FaultTolerantTokenStore,
    private readonly onFailure: (error: TokenStoreError) => void,
  ) {}

  /** Milliseconds that the endpoint took for the last token that was read or written, whoever fetched it. */
  get fetchTime(): number {
    return this.#fetchTime;
  }

  async read(key: string): Promise<SharedToken | undefined> {
    const stored = await this.store.get(key);
    if (stored === undefined) return undefined;
    const record = decodeToken(stored.value);
    if (!record) {
      this.onFailure(new TokenStoreError('the token store holds a value that is no token of this version'));
      return undefined;
    }
    const { issued, fetchTime } = record;
    this.#fetchTime = fetchTime;
    return { issued, remaining: Math.min(stored.remaining, issued.lifetime) };
  }

  /**
   * @param remaining milliseconds until the token expires
   * @param fetchTime milliseconds that the endpoint took for it; a token that was just fetched has lived for as long
   */
  async write(
    key: string,
    issued: IssuedToken,
    remaining: number,
    fetchTime = Math.max(0, issued.lifetime - remaining),
  ): Promise<void> {
    this.#fetchTime = fetchTime;
    if (remaining >= 1) await this.store.set(key, encodeToken({ issued, fetchTime }), Math.floor(remaining));
  }

  /** Removes a token; with `ifValue`, only if it is still that one. */
  async forget(key: string, ifValue: string | undefined): Promise<void> {
    if (ifValue === undefined) return this.store.delete(key);
    const stored = await this.store.get(key);
    if (stored && decodeToken(stored.value)?.issued.value === ifValue) await this.store.delete(key, stored.value);
  }
}
