import type { Clock } from '../../../clock.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import type { ClientSecret } from '../../authentication/client-secret.js';
import type { Counts } from '../../stats.js';
import type { FetchedToken, TokenEndpoint } from '../endpoint/token-endpoint.js';
import { retryPause, type Random } from '../life/pauses.js';
import type { Sleeper } from '../life/sleeper.js';
import type { Budget } from './budget.js';
import type { TokenDemand } from './token-demand.js';
import { judge, type Verdict } from './verdict.js';

export interface TokenFetcherDependencies {
  readonly client: ResolvedClient;
  readonly endpoint: TokenEndpoint;
  /** `undefined` where the client authenticates without one. */
  readonly secret: ClientSecret | undefined;
  readonly budget: Budget;
  readonly counts: Counts;
  readonly clock: Clock;
  readonly sleeper: Sleeper;
  readonly random: Random;
}

/** Requests a token again and again, within one deadline, as long as that makes sense. */
export class TokenFetcher {
  constructor(private readonly dependencies: TokenFetcherDependencies) {}

  /** @throws TokenRequestError, TokenEndpointError, DiscoveryError, BudgetExceededError */
  async fetch(demand: TokenDemand, purpose: 'new token' | 'renewal'): Promise<FetchedToken> {
    const { client, endpoint, secret, budget, counts, clock, sleeper } = this.dependencies;
    const deadline = clock.monotonic() + client.timeout;
    let secretChanged = false;
    for (let attempt = 1; ; attempt++) {
      budget.take(purpose);
      const used = (await secret?.value()) ?? '';
      try {
        counts.tokenRequests += 1;
        return await endpoint.request({ ...demand, secret: used, timeout: deadline - clock.monotonic() });
      } catch (error) {
        counts.failures += 1;
        const verdict = judge(error, client.authorizationServer);
        if (verdict.kind === 'credentials' && !secretChanged) {
          secretChanged = (await secret?.changedSince(used)) ?? false;
          if (secretChanged) continue;
        }
        const pause = this.#pause(attempt, verdict);
        if (pause === undefined || clock.monotonic() + pause >= deadline) throw error;
        await sleeper.sleep(pause);
        if (sleeper.closed) throw error;
      }
    }
  }

  /** Milliseconds before the next attempt; `undefined` where there is none. */
  #pause(attempt: number, verdict: Verdict): number | undefined {
    const { client, random } = this.dependencies;
    if (verdict.kind !== 'transient' || attempt >= client.retry.attempts) return undefined;
    return (verdict.retryAfter ?? 0) + retryPause(attempt, client.retry, random);
  }
}
