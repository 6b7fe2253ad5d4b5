import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import type { ClientAuthenticator } from '../../client-authentication/client-authenticator.js';
import type { Clock } from '../../time/clock.js';
import type { ResolvedClient } from '../../options/resolved-options.js';
import type { M2MClientEvent } from '../events/m2m-client-event.js';
import type { Counts, M2MClientStats, TokenQuota } from '../events/stats.js';
import type { AccessToken } from './token/access-token.js';
import { requestedToken } from './token/requested-token.js';
import { BoundedMap, MAX_KEYS } from './token/bounded-map.js';
import { cacheKey } from './token/cache-key.js';
import { wireParameters } from './endpoint/token-request-parameters.js';
import type { CachedToken, PreviousToken } from './token/cached-token.js';
import { renewalPause, type Random } from '../../time/backoff.js';
import type { Sleeper } from '../../time/sleeper.js';
import type { PreparedTokenRequest } from './token/prepared-token-request.js';
import type { SharedTokenAcquirer } from './acquisition/shared-token-acquirer.js';
import { TokenCacheEntry } from './cache/token-cache-entry.js';
import type { TokenSource, TokenSourceOptions } from './token-source.js';

export interface TokenManagerDependencies {
  readonly client: ResolvedClient;
  readonly authenticator: ClientAuthenticator;
  readonly supply: Pick<SharedTokenAcquirer, 'obtain' | 'forget' | 'settled'>;
  readonly counts: Counts;
  readonly clock: Clock;
  readonly sleeper: Sleeper;
  readonly random: Random;
  quota(): readonly TokenQuota[];
  emit(event: M2MClientEvent): void;
}

/** The tokens of one OAuth client, kept in memory. */
export class TokenManager implements TokenSource {
  readonly #dependencies: TokenManagerDependencies;
  /** Those that have had a token: what is refused takes nobody's place. */
  readonly #slots = new BoundedMap<TokenCacheEntry>(MAX_KEYS);
  /** Those whose next token is under way, so that none is lost before it is there. */
  readonly #flying = new Map<string, TokenCacheEntry>();
  /** Targets ask with the same object again and again; its key is computed once. */
  readonly #demands = new WeakMap<TokenParameters, PreparedTokenRequest>();

  constructor(dependencies: TokenManagerDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Gets the token at hand, or else the next one.
   *
   * @throws TokenRequestError, TokenEndpointError, DiscoveryError, BudgetExceededError, M2MConfigurationError
   */
  async getAccessToken(parameters: TokenParameters, options: TokenSourceOptions = {}): Promise<AccessToken> {
    const { signal, forceRenewal, again } = options;
    signal?.throwIfAborted();
    const { counts } = this.#dependencies;
    const demand = this.#demandOf(parameters);
    const slot = this.#knownSlot(demand) ?? this.#newSlot(demand);
    const current = forceRenewal ? undefined : slot.current();
    if (current) {
      if (!again) counts.servedFromMemory += 1;
      return current;
    }
    const { held } = slot;
    const next = forceRenewal ? slot.next(signal) : slot.nextOrCurrent(signal);
    if (again) return next;
    // In an outage the token at hand is served, and only who is the first waits for a newer one.
    const atOnce = await Promise.race([next, Promise.resolve(undefined)]);
    if (!atOnce) counts.waits += 1;
    const token = await next;
    if (token === held) counts.servedFromMemory += 1;
    return token;
  }

  async invalidate(parameters: TokenParameters, ifValue?: string): Promise<void> {
    const demand = this.#demandOf(parameters);
    this.#knownSlot(demand)?.forget(ifValue);
    await this.#dependencies.supply.forget(demand, ifValue);
  }

  stats(): M2MClientStats {
    const { counts, quota } = this.#dependencies;
    return { ...counts, quota: quota() };
  }

  /** Ends all waits between attempts, and resolves when nothing is under way. The source goes on working, without retries. */
  async close(): Promise<void> {
    this.#dependencies.sleeper.close();
    await Promise.all(Array.from(this.#flying.values(), (slot) => slot.settled()));
    await this.#dependencies.supply.settled();
  }

  #demandOf(requested: TokenParameters): PreparedTokenRequest {
    const known = this.#demands.get(requested);
    if (known) return known;
    const { client, authenticator } = this.#dependencies;
    const parameters = wireParameters(client.authorizationServer, requested);
    const demand = {
      key: cacheKey(client, authenticator, parameters),
      parameters,
      requested: requestedToken(requested),
    };
    this.#demands.set(requested, demand);
    return demand;
  }

  #knownSlot({ key }: PreparedTokenRequest): TokenCacheEntry | undefined {
    return this.#slots.get(key) ?? this.#flying.get(key);
  }

  #newSlot(demand: PreparedTokenRequest): TokenCacheEntry {
    const { client, clock, random, emit } = this.#dependencies;
    const slot: TokenCacheEntry = new TokenCacheEntry({
      clock,
      obtain: (known) => this.#obtain(demand, slot, known),
      pauseAfter: (failures) => renewalPause(failures, client.retry, random),
      onServedDuringOutage: (remaining) =>
        emit({ type: 'served-during-outage', client: client.name, requested: demand.requested, remaining }),
    });
    return slot;
  }

  async #obtain(
    demand: PreparedTokenRequest,
    slot: TokenCacheEntry,
    known: PreviousToken | undefined,
  ): Promise<CachedToken> {
    const { key } = demand;
    this.#flying.set(key, slot);
    try {
      const held = await this.#dependencies.supply.obtain(demand, known);
      if (this.#slots.get(key) !== slot) this.#slots.set(key, slot);
      return held;
    } finally {
      this.#flying.delete(key);
    }
  }
}
