import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import type { AskedToken, M2MClientEvent } from '../../events.js';
import { missingScopes, scopeRefused } from './granted-scope.js';
import { hold, type HeldToken, type KnownToken } from '../life/held-token.js';
import { now, until } from '../life/instant.js';
import { SharedTokens } from '../shared/shared-tokens.js';
import { TokenEndpoint, type TokenEndpointDependencies } from '../endpoint/token-endpoint.js';
import type { WireParameters } from '../endpoint/token-parameters-on-the-wire.js';

export interface TokenSupplyDependencies extends TokenEndpointDependencies {
  emit(event: M2MClientEvent): void;
}

/** What tokens are requested with, and the key they are kept under. */
export interface TokenDemand {
  readonly key: string;
  readonly parameters: WireParameters;
  readonly asked: AskedToken;
}

/** Where a client's new tokens come from: the store, if another process left one there, else the token endpoint. */
export class TokenSupply {
  readonly #client: ResolvedClient;
  readonly #dependencies: TokenSupplyDependencies;
  readonly #shared: SharedTokens;
  readonly #endpoint: TokenEndpoint;

  constructor(client: ResolvedClient, dependencies: TokenSupplyDependencies) {
    this.#client = client;
    this.#dependencies = dependencies;
    this.#endpoint = new TokenEndpoint(client, dependencies);
    this.#shared = new SharedTokens(client.tokenStore, (error) =>
      dependencies.emit({ type: 'store-failed', client: client.name, error }),
    );
  }

  /**
   * Gets a token other than the one already known.
   *
   * @throws TokenRequestError, TokenEndpointError, DiscoveryError
   */
  async obtain(demand: TokenDemand, known: KnownToken | undefined): Promise<HeldToken> {
    try {
      const held = (await this.#fromStore(demand, known)) ?? (await this.#fromEndpoint(demand, known));
      this.#checkScope(demand, held);
      return held;
    } catch (error) {
      const { name: client } = this.#client;
      const type = known?.valid ? 'renewal-failed' : 'request-failed';
      this.#dependencies.emit({ type, client, asked: demand.asked, error: error as Error });
      throw error;
    }
  }

  /** Removes a token from the store; with `ifValue`, only if it is still that one. */
  async forget({ key }: TokenDemand, ifValue: string | undefined): Promise<void> {
    await this.#shared.forget(key, ifValue);
  }

  async #fromStore({ key }: TokenDemand, known: KnownToken | undefined): Promise<HeldToken | undefined> {
    const askedAt = now(this.#dependencies.clock);
    const found = await this.#shared.read(key);
    if (!found || found.issued.value === known?.value) return undefined;
    const held = hold(found.issued, askedAt, found.remaining, this.#client.renewal);
    return until(held.expiresAt, this.#dependencies.clock) > held.plan.leeway ? held : undefined;
  }

  async #fromEndpoint({ key, parameters, asked }: TokenDemand, known: KnownToken | undefined): Promise<HeldToken> {
    const { name: client, renewal, timeout } = this.#client;
    const { issued, requestedAt } = await this.#endpoint.request(parameters, asked, timeout);
    const held = hold(issued, requestedAt, issued.lifetime, renewal);
    const remaining = until(held.expiresAt, this.#dependencies.clock);
    if (remaining <= 0) {
      throw new TokenEndpointError(`a token that lives ${issued.lifetime} ms took longer than that to arrive`);
    }
    await this.#shared.write(key, issued, remaining);
    const type = known?.valid ? 'renewed' : 'issued';
    this.#dependencies.emit({ type, client, asked, lifetime: issued.lifetime });
    return held;
  }

  #checkScope({ asked }: TokenDemand, { issued }: HeldToken): void {
    const { name: client, verifyScope } = this.#client;
    const missing = verifyScope === 'off' ? [] : missingScopes(asked, issued);
    if (missing.length === 0) return;
    this.#dependencies.emit({ type: 'scope-missing', client, asked, missing });
    if (verifyScope === 'strict') throw scopeRefused(missing);
  }
}
