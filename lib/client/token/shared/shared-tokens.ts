import { TokenStoreError } from '../../../errors/token-store.error.js';
import type { IssuedToken } from '../life/held-token.js';
import type { PatientStore } from './patient-store.js';
import { decodeToken, encodeToken } from './stored-token.js';

/** A token out of the store. */
export interface SharedToken {
  readonly issued: IssuedToken;
  /** Milliseconds. */
  readonly remaining: number;
}

/** The tokens that processes share through a store. */
export class SharedTokens {
  constructor(
    private readonly store: PatientStore,
    private readonly onFailure: (error: TokenStoreError) => void,
  ) {}

  async read(key: string): Promise<SharedToken | undefined> {
    const stored = await this.store.get(key);
    if (stored === undefined) return undefined;
    const issued = decodeToken(stored.value);
    if (!issued) this.onFailure(new TokenStoreError('the token store holds a value that is no token of this version'));
    return issued && { issued, remaining: Math.min(stored.remaining, issued.lifetime) };
  }

  /** @param remaining milliseconds until the token expires */
  async write(key: string, issued: IssuedToken, remaining: number): Promise<void> {
    if (remaining >= 1) await this.store.set(key, encodeToken(issued), Math.floor(remaining));
  }

  /** Removes a token; with `ifValue`, only if it is still that one. */
  async forget(key: string, ifValue: string | undefined): Promise<void> {
    if (ifValue === undefined) return this.store.delete(key);
    const stored = await this.store.get(key);
    if (stored && decodeToken(stored.value)?.value === ifValue) await this.store.delete(key, stored.value);
  }
}
