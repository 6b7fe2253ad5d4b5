import type { Clock } from '../../../time/clock.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import type { M2MClientEvent } from '../../events/m2m-client-event.js';
import { cacheToken, type CachedToken, type PreviousToken } from '../token/cached-token.js';
import { until } from '../../../time/moment.js';
import type { SharedTokens } from './shared-tokens.js';
import type { FailureCache } from './failure-cache.js';
import { missingScopes, scopeRefused } from './granted-scope.js';
import type { PreparedTokenRequest } from '../token/prepared-token-request.js';
import type { TokenRequester } from './token-requester.js';

export interface TokenPurchaseDependencies {
  readonly client: ResolvedClient;
  readonly fetcher: TokenRequester;
  readonly guard: FailureCache;
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
    demand: PreparedTokenRequest,
    known: PreviousToken | undefined,
    told: (telling: Promise<unknown>) => void,
  ): Promise<CachedToken> {
    const { client, guard, shared, clock, emit } = this.dependencies;
    const { key, requested } = demand;
    try {
      const held = await this.#fetch(demand, known);
      const remaining = until(held.expiresAt, clock);
      told(Promise.all([shared?.write(key, held.issued, remaining), guard.succeeded(key)]));
      const { lifetime } = held.issued;
      emit({ type: known?.valid ? 'renewed' : 'issued', client: client.name, requested, lifetime });
      return held;
    } catch (error) {
      told(guard.failed(key, error as Error));
      const type = known?.valid ? 'renewal-failed' : 'request-failed';
      emit({ type, client: client.name, requested, error: error as Error });
      throw error;
    }
  }

  async #fetch(demand: PreparedTokenRequest, known: PreviousToken | undefined): Promise<CachedToken> {
    const { client, fetcher, clock } = this.dependencies;
    const { issued, requestedAt } = await fetcher.fetch(demand, known ? 'renewal' : 'new token');
    const held = cacheToken(issued, requestedAt, issued.lifetime, client.renewal);
    if (until(held.expiresAt, clock) <= 0) {
      throw new TokenEndpointError(
        `a token that lives ${Math.round(issued.lifetime)} ms took longer than that to arrive`,
      );
    }
    this.#verifyScope(demand, held);
    return held;
  }

  #verifyScope({ requested }: PreparedTokenRequest, { issued }: CachedToken): void {
    const { client, emit } = this.dependencies;
    const missing = client.verifyScope === 'off' ? [] : missingScopes(requested, issued);
    if (missing.length === 0) return;
    emit({ type: 'scope-missing', client: client.name, requested, missing });
    if (client.verifyScope === 'strict') throw scopeRefused(missing);
  }
}
