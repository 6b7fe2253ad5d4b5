import { INVALID_TOKEN_REASONS, knownReason, type InvalidTokenReason } from '../../errors/invalid-token.error.js';
import type { M2MResourceServerEvent } from './m2m-resource-server-event.js';

/** The key set of one issuer. */
export interface M2MKeySetStats {
  /** The `issuer` of the authorization server. */
  readonly issuer: string;
  /** Usable keys. */
  readonly keys: number;
  /** When they were fetched, in milliseconds since the epoch; `undefined` if they were not yet. */
  readonly fetchedAt: number | undefined;
  /** Fetches that failed since the start. */
  readonly failures: number;
  /** When the last fetch failed, in milliseconds since the epoch; `undefined` if it did not fail, or none was made. */
  readonly failedAt: number | undefined;
}

/** The tokens that came in since the start of the application. */
export interface M2MResourceServerStats {
  /** Tokens accepted out of the cache. */
  readonly acceptedFromCache: number;
  /** Tokens accepted after they were verified. */
  readonly acceptedAfterVerification: number;
  /** Tokens that were not accepted, by reason; every reason is there. */
  readonly refused: Readonly<Record<InvalidTokenReason, number>>;
  /** Callers that were refused for their scopes, client, organization or kind. */
  readonly callersRefused: number;
  /** Tokens that could not be verified, because no keys could be had. */
  readonly keysUnavailable: number;
  /** Tokens in the cache now. */
  readonly cachedTokens: number;
  /** The key set of each issuer of the options. */
  readonly keySets: readonly M2MKeySetStats[];
}

/** Counts for {@link M2MResourceServerStats}. */
export class ResourceServerCounts {
  acceptedFromCache = 0;
  acceptedAfterVerification = 0;
  private readonly refused = Object.fromEntries(INVALID_TOKEN_REASONS.map((reason) => [reason, 0])) as Record<
    InvalidTokenReason,
    number
  >;
  private callersRefused = 0;
  private keysUnavailable = 0;
  private readonly keySets: Map<string, M2MKeySetStats>;

  /** @param issuers whose key sets are counted: those of the options, and none that a token names */
  constructor(issuers: readonly string[]) {
    this.keySets = new Map(
      issuers.map((issuer) => [
        issuer,
        Object.freeze({ issuer, keys: 0, fetchedAt: undefined, failures: 0, failedAt: undefined }),
      ]),
    );
  }

  /** @param time milliseconds since the epoch */
  count(event: M2MResourceServerEvent, time: number): void {
    switch (event.type) {
      case 'token-refused':
        this.refused[knownReason(event.error.reason) ?? 'claims'] += 1;
        return;
      case 'caller-refused':
        this.callersRefused += 1;
        return;
      case 'keys-unavailable':
        this.keysUnavailable += 1;
        return;
      case 'key-set-fetched':
        this.update(event.issuer, () => ({ keys: event.keys.length, fetchedAt: time, failedAt: undefined }));
        return;
      case 'key-set-failed':
        this.update(event.issuer, ({ failures }) => ({ failures: failures + 1, failedAt: time }));
        return;
      // The verifier counts those itself. The other is about an issuer that a token names.
      case 'token-verified':
      case 'issuer-lookup-failed':
    }
  }

  /** A frozen copy. @param cachedTokens tokens in the cache now */
  snapshot(cachedTokens: number): M2MResourceServerStats {
    const { acceptedFromCache, acceptedAfterVerification, callersRefused, keysUnavailable } = this;
    return Object.freeze({
      acceptedFromCache,
      acceptedAfterVerification,
      refused: Object.freeze({ ...this.refused }),
      callersRefused,
      keysUnavailable,
      cachedTokens,
      keySets: Object.freeze([...this.keySets.values()]),
    });
  }

  private update(issuer: string, change: (known: M2MKeySetStats) => Partial<M2MKeySetStats>): void {
    const known = this.keySets.get(issuer);
    if (known) this.keySets.set(issuer, Object.freeze({ ...known, ...change(known) }));
  }
}
