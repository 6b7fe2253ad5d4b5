import type { Clock } from '../../../time/clock.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import {
  notePresented,
  presentedWith,
  type CredentialCallback,
} from '../../../client-authentication/credential-callback.js';
import type { Counts } from '../../events/stats.js';
import type { FetchedToken, OAuthTokenEndpoint } from '../endpoint/oauth-token-endpoint.js';
import { retryPause, type Random } from '../../../time/backoff.js';
import type { Sleeper } from '../../../time/sleeper.js';
import type { Budget, BudgetPurpose } from './budget.js';
import type { PreparedTokenRequest } from '../token/prepared-token-request.js';
import { classify, type FailureClass } from '../endpoint/failure-class.js';

export interface TokenRequesterDependencies {
  readonly client: ResolvedClient;
  readonly endpoint: OAuthTokenEndpoint;
  /** `undefined` if the client's method takes neither secret nor client assertion. */
  readonly credentials: CredentialCallback | undefined;
  readonly budget: Budget;
  readonly counts: Counts;
  readonly clock: Clock;
  readonly sleeper: Sleeper;
  readonly random: Random;
}

/** Requests a token again and again, within one deadline, as long as that makes sense. */
export class TokenRequester {
  constructor(private readonly dependencies: TokenRequesterDependencies) {}

  /** @throws TokenRequestError, TokenEndpointError, DiscoveryError, BudgetExceededError, M2MConfigurationError */
  async fetch(demand: PreparedTokenRequest, purpose: BudgetPurpose): Promise<FetchedToken> {
    const { client, clock, sleeper } = this.dependencies;
    const deadline = clock.monotonic() + client.timeout;
    let secretChanged = false;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(demand, purpose, deadline);
      } catch (error) {
        const verdict = classify(error, client.authorizationServer);
        if (verdict.kind === 'credentials' && !secretChanged) {
          secretChanged = await this.#secretChanged(error as Error, deadline);
          if (secretChanged && clock.monotonic() < deadline) continue;
        }
        const pause = this.#pause(attempt, verdict);
        if (pause === undefined || clock.monotonic() + pause >= deadline) throw error;
        await sleeper.sleep(pause);
        if (sleeper.closed) throw error;
      }
    }
  }

  async #attempt(demand: PreparedTokenRequest, purpose: BudgetPurpose, deadline: number): Promise<FetchedToken> {
    const { credentials, endpoint, budget, counts, clock } = this.dependencies;
    // Before all that takes time; what is left then is taken when the request leaves.
    budget.check(purpose);
    const presented = (await credentials?.value(deadline - clock.monotonic())) ?? '';
    let sent = false;
    const onSend = (): void => {
      budget.take(purpose);
      counts.tokenRequests += 1;
      sent = true;
    };
    try {
      const timeout = deadline - clock.monotonic();
      return await endpoint.request({ ...demand, credentials: presented, timeout, onSend });
    } catch (error) {
      if (sent) counts.failures += 1;
      if (credentials) notePresented(error as Error, presented);
      throw error;
    }
  }

  async #secretChanged(refusal: Error, deadline: number): Promise<boolean> {
    const { credentials, clock } = this.dependencies;
    const refused = presentedWith(refusal);
    if (!credentials?.isCached || !refused) return false;
    return credentials.changedSince(refused, deadline - clock.monotonic());
  }

  /** Milliseconds before the next attempt; `undefined` where there is none. */
  #pause(attempt: number, verdict: FailureClass): number | undefined {
    const { client, random } = this.dependencies;
    if (verdict.kind !== 'transient' || attempt >= client.retry.attempts) return undefined;
    return (verdict.retryAfter ?? 0) + retryPause(attempt, client.retry, random);
  }
}
