import { TokenStoreError } from '../../../errors/token-store.error.js';
import type { TokenStore } from '../../../options/token-store.js';
import type { IssuedToken } from '../life/held-token.js';
import { decodeToken, encodeToken } from './stored-token.js';

/** A token out of the store. */
export interface SharedToken {
  readonly issued: IssuedToken;
  /** Milliseconds. */
  readonly remaining: number;
}

/** The store that processes share, as tokens. A store that fails is a store that has nothing. */
export class SharedTokens {
  constructor(
    private readonly store: TokenStore | undefined,
    private readonly onFailure: (error: TokenStoreError) => void,
  ) {}

  async read(key: string): Promise<SharedToken | undefined> {
    const stored = await this.#attempt('get', (store) => store.get(key));
    if (stored === undefined) return undefined;
    const issued = decodeToken(stored.value);
    if (!issued) this.onFailure(new TokenStoreError('the token store holds a value that is no token of this version'));
    return issued && { issued, remaining: Math.min(stored.remaining, issued.lifetime) };
  }

  /** @param remaining milliseconds until the token expires */
  async write(key: string, issued: IssuedToken, remaining: number): Promise<void> {
    if (remaining >= 1) await this.#attempt('set', (store) => store.set(key, encodeToken(issued), remaining));
  }

  /** Removes a token; with `ifValue`, only if it is still that one. */
  async forget(key: string, ifValue: string | undefined): Promise<void> {
    await this.#attempt('delete', async (store) => {
      if (ifValue === undefined) return store.delete(key);
      const stored = await store.get(key);
      if (stored && decodeToken(stored.value)?.value === ifValue) await store.delete(key, stored.value);
    });
  }

  async #attempt<T>(what: string, run: (store: TokenStore) => Promise<T>): Promise<T | undefined> {
    if (!this.store) return undefined;
    try {
      return await run(this.store);
    } catch (error) {
      // A store's own error may hold what it was given.
      const name = error instanceof Error ? error.name : typeof error;
      this.onFailure(new TokenStoreError(`the token store failed to ${what}: ${name}`));
      return undefined;
    }
  }
}
