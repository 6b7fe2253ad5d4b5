import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import type { ResolvedClient } from '../../options/resolved-options.js';
import type { AccessToken } from './access-token.js';
import { askedToken } from './asked-token.js';
import { BoundedMap } from './bounded-map.js';
import { cacheKey } from './cache-key.js';
import { wireParameters } from './endpoint/token-parameters-on-the-wire.js';
import { TokenSlot } from './token-slot.js';
import type { TokenSource, TokenSourceOptions } from './token-source.js';
import { TokenSupply, type TokenDemand, type TokenSupplyDependencies } from './supply/token-supply.js';

const MAX_TOKENS = 10_000;

/** The tokens of one OAuth client, kept in memory. */
export class ClientTokenSource implements TokenSource {
  readonly #client: ResolvedClient;
  readonly #dependencies: TokenSupplyDependencies;
  readonly #supply: TokenSupply;
  readonly #slots = new BoundedMap<TokenSlot>(MAX_TOKENS);
  /** Targets ask with the same object again and again; its key is computed once. */
  readonly #demands = new WeakMap<TokenParameters, TokenDemand>();

  constructor(client: ResolvedClient, dependencies: TokenSupplyDependencies) {
    this.#client = client;
    this.#dependencies = dependencies;
    this.#supply = new TokenSupply(client, dependencies);
  }

  /**
   * Gets the token at hand, or else the next one.
   *
   * @throws TokenRequestError, TokenEndpointError, DiscoveryError, M2MConfigurationError
   */
  async getAccessToken(parameters: TokenParameters, options: TokenSourceOptions = {}): Promise<AccessToken> {
    const { signal, forceRenewal } = options;
    signal?.throwIfAborted();
    const slot = this.#slotOf(this.#demandOf(parameters));
    if (forceRenewal) return slot.next(signal);
    return slot.current() ?? slot.nextOrCurrent(signal);
  }

  async invalidate(parameters: TokenParameters, ifValue?: string): Promise<void> {
    const demand = this.#demandOf(parameters);
    this.#slotOf(demand).forget(ifValue);
    await this.#supply.forget(demand, ifValue);
  }

  #demandOf(asked: TokenParameters): TokenDemand {
    const known = this.#demands.get(asked);
    if (known) return known;
    const parameters = wireParameters(this.#client.authorizationServer, asked);
    const demand = { key: cacheKey(this.#client, parameters), parameters, asked: askedToken(asked) };
    this.#demands.set(asked, demand);
    return demand;
  }

  #slotOf(demand: TokenDemand): TokenSlot {
    const known = this.#slots.get(demand.key);
    if (known) return known;
    const { clock, emit } = this.#dependencies;
    const slot = new TokenSlot({
      clock,
      obtain: (token) => this.#supply.obtain(demand, token),
      onServedDuringOutage: (remaining) =>
        emit({ type: 'served-during-outage', client: this.#client.name, asked: demand.asked, remaining }),
    });
    this.#slots.set(demand.key, slot);
    return slot;
  }
}
