import type { Clock } from '../../../time/clock.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import type { M2MClientEvent } from '../../events/m2m-client-event.js';
import { hold, type HeldToken, type KnownToken } from '../token/cached-token.js';
import { until } from '../../../time/moment.js';
import type { SharedTokens } from './shared-tokens.js';
import type { FailureGuard } from './failure-cache.js';
import { missingScopes, scopeRefused } from './granted-scope.js';
import type { TokenDemand } from '../token/prepared-token-request.js';
import type { TokenFetcher } from './token-requester.js';

export interface TokenPurchaseDependencies {
  readonly client: ResolvedClient;
  readonly fetcher: TokenFetcher;
  readonly guard: FailureGuard;
  /** `undefined` where tokens stay in this process. */
  readonly shared: SharedTokens | undefined;
  readonly clock: Clock;
  emit(event: M2MClientEvent): void;
}

/** Gets a token from the token endpoint, and lets everybody know how that went. */
export class TokenPurchase {
  constructor(private readonly dependencies: TokenPurchaseDependencies) {}

  /**
   * @param told resolves when other processes can know of it; the token is not held up by that
   * @throws TokenRequestError, TokenEndpointError, DiscoveryError, BudgetExceededError
   */
  async buy(
    demand: TokenDemand,
    known: KnownToken | undefined,
    told: (telling: Promise<unknown>) => void,
  ): Promise<HeldToken> {
    const { client, guard, shared, clock, emit } = this.dependencies;
    const { key, asked } = demand;
    try {
      const held = await this.#fetch(demand, known);
      const remaining = until(held.expiresAt, clock);
      told(Promise.all([shared?.write(key, held.issued, remaining), guard.succeeded(key)]));
      const { lifetime } = held.issued;
      emit({ type: known?.valid ? 'renewed' : 'issued', client: client.name, asked, lifetime });
      return held;
    } catch (error) {
      told(guard.failed(key, error as Error));
      const type = known?.valid ? 'renewal-failed' : 'request-failed';
      emit({ type, client: client.name, asked, error: error as Error });
      throw error;
    }
  }

  async #fetch(demand: TokenDemand, known: KnownToken | undefined): Promise<HeldToken> {
    const { client, fetcher, clock } = this.dependencies;
    const { issued, requestedAt } = await fetcher.fetch(demand, known ? 'renewal' : 'new token');
    const held = hold(issued, requestedAt, issued.lifetime, client.renewal);
    if (until(held.expiresAt, clock) <= 0) {
      throw new TokenEndpointError(
        `a token that lives ${Math.round(issued.lifetime)} ms took longer than that to arrive`,
      );
    }
    this.#verifyScope(demand, held);
    return held;
  }

  #verifyScope({ asked }: TokenDemand, { issued }: HeldToken): void {
    const { client, emit } = this.dependencies;
    const missing = client.verifyScope === 'off' ? [] : missingScopes(asked, issued);
    if (missing.length === 0) return;
    emit({ type: 'scope-missing', client: client.name, asked, missing });
    if (client.verifyScope === 'strict') throw scopeRefused(missing);
  }
}
