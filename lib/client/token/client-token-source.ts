import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import type { ResolvedClient } from '../../options/resolved-options.js';
import type { M2MClientEvent } from '../events.js';
import type { Counts, M2MClientStats, TokenQuota } from '../stats.js';
import type { AccessToken } from './access-token.js';
import { askedToken } from './asked-token.js';
import { BoundedMap } from './bounded-map.js';
import { cacheKey } from './cache-key.js';
import { wireParameters } from './endpoint/token-parameters-on-the-wire.js';
import { renewalPause, type Random } from './life/pauses.js';
import type { Sleeper } from './life/sleeper.js';
import type { TokenDemand } from './supply/token-demand.js';
import type { TokenSupply } from './supply/token-supply.js';
import { TokenSlot, type TokenSlotDependencies } from './token-slot.js';
import type { TokenSource, TokenSourceOptions } from './token-source.js';

export interface ClientTokenSourceDependencies {
  readonly client: ResolvedClient;
  readonly supply: TokenSupply;
  readonly counts: Counts;
  readonly clock: TokenSlotDependencies['clock'];
  readonly sleeper: Sleeper;
  readonly random: Random;
  quota(): readonly TokenQuota[];
  emit(event: M2MClientEvent): void;
}

const MAX_TOKENS = 10_000;

/** The tokens of one OAuth client, kept in memory. */
export class ClientTokenSource implements TokenSource {
  readonly #dependencies: ClientTokenSourceDependencies;
  readonly #slots = new BoundedMap<TokenSlot>(MAX_TOKENS);
  /** Targets ask with the same object again and again; its key is computed once. */
  readonly #demands = new WeakMap<TokenParameters, TokenDemand>();

  constructor(dependencies: ClientTokenSourceDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Gets the token at hand, or else the next one.
   *
   * @throws TokenRequestError, TokenEndpointError, DiscoveryError, BudgetExceededError, M2MConfigurationError
   */
  async getAccessToken(parameters: TokenParameters, options: TokenSourceOptions = {}): Promise<AccessToken> {
    const { signal, forceRenewal } = options;
    signal?.throwIfAborted();
    const { counts } = this.#dependencies;
    const slot = this.#slotOf(this.#demandOf(parameters));
    const current = forceRenewal ? undefined : slot.current();
    if (current) {
      counts.servedFromMemory += 1;
      return current;
    }
    counts.waits += 1;
    return forceRenewal ? slot.next(signal) : slot.nextOrCurrent(signal);
  }

  async invalidate(parameters: TokenParameters, ifValue?: string): Promise<void> {
    const demand = this.#demandOf(parameters);
    this.#slotOf(demand).forget(ifValue);
    await this.#dependencies.supply.forget(demand, ifValue);
  }

  stats(): M2MClientStats {
    const { counts, quota } = this.#dependencies;
    return { ...counts, quota: quota() };
  }

  /** Ends all waits between attempts, and resolves when nothing is under way. The source goes on working, without retries. */
  async close(): Promise<void> {
    this.#dependencies.sleeper.close();
    await Promise.all(this.#slots.values().map((slot) => slot.settled()));
    await this.#dependencies.supply.settled();
  }

  #demandOf(asked: TokenParameters): TokenDemand {
    const known = this.#demands.get(asked);
    if (known) return known;
    const { client } = this.#dependencies;
    const parameters = wireParameters(client.authorizationServer, asked);
    const demand = { key: cacheKey(client, parameters), parameters, asked: askedToken(asked) };
    this.#demands.set(asked, demand);
    return demand;
  }

  #slotOf(demand: TokenDemand): TokenSlot {
    const known = this.#slots.get(demand.key);
    if (known) return known;
    const { client, supply, clock, random, emit } = this.#dependencies;
    const slot = new TokenSlot({
      clock,
      obtain: (token) => supply.obtain(demand, token),
      pauseAfter: (failures) => renewalPause(failures, client.retry, random),
      onServedDuringOutage: (remaining) =>
        emit({ type: 'served-during-outage', client: client.name, asked: demand.asked, remaining }),
    });
    this.#slots.set(demand.key, slot);
    return slot;
  }
}
