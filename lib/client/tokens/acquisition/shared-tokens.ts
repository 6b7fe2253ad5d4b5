import { decodeJwt } from 'jose';
import { isObject } from '../../../validation/checks.js';
import { extraMembers } from '../endpoint/extra-members.js';
import { NO_EXTRA } from '../token/access-token.js';
import { isTokenText, type IssuedToken } from '../token/cached-token.js';
import { TokenStoreError } from '../../../errors/token-store.error.js';
import type { Clock } from '../../../time/clock.js';
import { later, now, since } from '../../../time/moment.js';
import type { FaultTolerantTokenStore } from './fault-tolerant-token-store.js';

/** A token as the store keeps it. */
interface TokenRecord extends Pick<IssuedToken, 'lifetime' | 'scope' | 'extra'> {
  /** `undefined` for a token that is bound to a key or certificate: it stays with the process that requested it. */
  readonly value: string | undefined;
  /** Milliseconds that the endpoint took for it. */
  readonly fetchTime: number;
}

/** A record as the text that the store keeps. */
function encodeToken({ value, lifetime, scope, extra, fetchTime }: TokenRecord): string {
  return JSON.stringify([value ?? null, lifetime, scope ?? null, fetchTime, extra ?? NO_EXTRA]);
}

/** Reads a record back. `undefined` for any other text. */
function decodeToken(text: string): TokenRecord | undefined {
  try {
    const [value, lifetime, scope, fetchTime, extra = NO_EXTRA] = JSON.parse(text) as unknown[];
    if ((value !== null && !isTokenText(value)) || !isDuration(lifetime) || lifetime === 0) return undefined;
    if (!isDuration(fetchTime) || (scope !== null && !Array.isArray(scope))) return undefined;
    if (!isObject(extra)) return undefined;
    const token = value ?? undefined;
    const kept = token === undefined ? undefined : extraMembers(extra, token);
    return { value: token, lifetime, scope: scope?.map(String), extra: kept, fetchTime };
  } catch {
    return undefined;
  }
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** Whether a token says that it is bound to a key or certificate. It is not verified. */
function namesKey(token: string): boolean {
  try {
    return decodeJwt(token)['cnf'] !== undefined;
  } catch {
    return false;
  }
}

/** The tokens that processes share through a store. */
export class SharedTokens {
  #fetchTime = 0;
  #isClosed = false;

  constructor(
    private readonly store: FaultTolerantTokenStore,
    private readonly clock: Clock,
  ) {}

  /** Milliseconds that the endpoint took for the last token that was read or written, whichever process requested it. */
  get fetchTime(): number {
    return this.#fetchTime;
  }

  /**
   * Reads a token. Its `requestedAt` is by the clock of this process. `bound` if the last one was bound to a key or
   * certificate.
   */
  async read(key: string): Promise<IssuedToken | 'bound' | undefined> {
    const readAt = now(this.clock);
    const stored = await this.store.get(key);
    if (stored === undefined) return undefined;
    const record = decodeToken(stored.value);
    if (!record || (record.value !== undefined && namesKey(record.value))) {
      const held = record ? 'a token that is bound to a key or certificate' : 'a value that is no token';
      this.store.report(new TokenStoreError(`the token store holds ${held}; it is passed over`));
      return undefined;
    }
    const { value, lifetime, scope, extra, fetchTime } = record;
    this.#fetchTime = fetchTime;
    if (value === undefined) return 'bound';
    const requestedAt = later(readAt, Math.min(stored.remaining, lifetime) - lifetime);
    return { value, lifetime, scope, extra, isBound: false, requestedAt };
  }

  /**
   * Writes a token. Of one that is bound to a key or certificate, only that it is.
   *
   * @param keepLonger whether a token stays that is valid for longer: another process may have got a newer one
   * @param fetchTime milliseconds that the endpoint took for it. Default: the time since it was requested
   */
  async write(
    key: string,
    { value, lifetime, scope, extra, isBound, requestedAt }: IssuedToken,
    keepLonger: boolean,
    fetchTime = Math.max(0, since(requestedAt, this.clock)),
  ): Promise<void> {
    this.#fetchTime = fetchTime;
    const remaining = lifetime - since(requestedAt, this.clock);
    if (remaining < 1) return;
    // For stores that do not look themselves.
    if (keepLonger && ((await this.store.get(key))?.remaining ?? 0) > remaining) return;
    if (this.#isClosed) return;
    const record = encodeToken({ ...(isBound ? { value: undefined } : { value, extra }), lifetime, scope, fetchTime });
    await this.store.set(key, record, Math.floor(remaining), keepLonger);
  }

  /** Writes no token any more. */
  close(): void {
    this.#isClosed = true;
  }

  /** Removes a token. With `ifValue`, only if it is still that one. */
  async forget(key: string, ifValue: string | undefined): Promise<void> {
    if (ifValue === undefined) return this.store.delete(key);
    const stored = await this.store.get(key);
    if (stored && decodeToken(stored.value)?.value === ifValue) await this.store.delete(key, stored.value);
  }
}
