import type { TokenEndpoint } from '../endpoint/token-endpoint.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import { retryPause } from '../../../time/backoff.js';
import { until } from '../../../time/moment.js';
import { TokenRequestFailure } from '../endpoint/token-request-failure.js';
import type { Grant } from '../grants/grant.js';
import { cacheToken, type CachedToken, type IssuedToken } from '../token/cached-token.js';
import type { PreparedTokenRequest, PreviousToken, TokenAcquirer } from '../token/token-acquirer.js';
import type { TokenContext } from '../token/token-context.js';
import type { Budget, BudgetPurpose } from './budget.js';
import type { FailureCache } from './failure-cache.js';
import { missingScopes, scopeRefused } from './granted-scope.js';

export interface TokenRequesterDependencies extends TokenContext {
  readonly endpoint: TokenEndpoint;
  readonly failures: FailureCache;
  readonly budget: Budget;
}

/** Requests tokens from the token endpoint, again and again within one deadline, as long as that makes sense. */
export class TokenRequester implements TokenAcquirer {
  constructor(private readonly dependencies: TokenRequesterDependencies) {}

  async acquire({ key, grant }: PreparedTokenRequest, previous: PreviousToken | undefined): Promise<CachedToken> {
    const { client, failures, emit } = this.dependencies;
    const about = { client: client.name, requested: grant.requested };
    await failures.check(key);
    try {
      const token = this.#accept(grant, await this.#request(grant, previous ? 'renewal' : 'new token'));
      failures.succeeded(key);
      emit({ type: previous?.valid ? 'renewed' : 'issued', ...about, lifetime: token.issued.lifetime });
      return token;
    } catch (thrown) {
      const error = thrown instanceof TokenRequestFailure ? thrown.error : (thrown as Error);
      if (thrown instanceof TokenRequestFailure) failures.failed(key, thrown);
      emit({ type: previous?.valid ? 'renewal-failed' : 'request-failed', ...about, error });
      throw error;
    }
  }

  /** @throws TokenRequestFailure, BudgetExceededError */
  async #request(grant: Grant, purpose: BudgetPurpose): Promise<IssuedToken> {
    const { client, clock, sleeper } = this.dependencies;
    const deadline = clock.monotonic() + client.timeout;
    let isCredentialNew = false;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(grant, purpose, deadline - clock.monotonic());
      } catch (failure) {
        if (!(failure instanceof TokenRequestFailure)) throw failure;
        if (failure.failureClass === 'credentials' && !isCredentialNew) {
          isCredentialNew = await this.#hasNewCredential(failure, deadline - clock.monotonic());
          if (isCredentialNew && clock.monotonic() < deadline) continue;
        }
        const pause = this.#pause(attempt, failure);
        if (pause === undefined || clock.monotonic() + pause >= deadline) throw failure;
        await sleeper.sleep(pause);
        if (sleeper.closed) throw failure;
      }
    }
  }

  async #attempt(grant: Grant, purpose: BudgetPurpose, timeout: number): Promise<IssuedToken> {
    const { endpoint, budget, counts } = this.dependencies;
    budget.take(purpose);
    let sent = true;
    try {
      return await endpoint.request(grant, { timeout });
    } catch (failure) {
      if (failure instanceof TokenRequestFailure) sent = failure.sent;
      if (sent) counts.failures += 1;
      throw failure;
    } finally {
      budget.settle(sent);
      if (sent) counts.tokenRequests += 1;
    }
  }

  /** A credential that is read for every request is new anyway. */
  async #hasNewCredential({ credential }: TokenRequestFailure, timeout: number): Promise<boolean> {
    const { credential: current } = this.dependencies.endpoint;
    return credential !== undefined && current?.isCached === true && current.changedSince(credential, timeout);
  }

  /** Milliseconds before the next attempt. `undefined` if there is none. */
  #pause(attempt: number, { failureClass, retryAfter = 0 }: TokenRequestFailure): number | undefined {
    const { client, random } = this.dependencies;
    if (failureClass !== 'transient' || attempt >= client.retry.attempts) return undefined;
    return retryAfter * 1000 + retryPause(attempt, client.retry, random);
  }

  /** @throws TokenRequestFailure if the token cannot be used */
  #accept({ requested }: Grant, issued: IssuedToken): CachedToken {
    const { client, clock, emit } = this.dependencies;
    const token = cacheToken(issued, client.renewal);
    if (until(token.expiresAt, clock) <= 0) {
      const lifetime = Math.round(issued.lifetime);
      throw refused(new TokenEndpointError(`a token that lives ${lifetime} ms took longer than that to arrive`));
    }
    const missing = missingScopes(client, requested, issued);
    if (missing.length > 0) {
      emit({ type: 'scope-missing', client: client.name, requested, missing });
      if (client.verifyScope === 'strict') throw refused(scopeRefused(missing));
    }
    return token;
  }
}

function refused(error: Error): TokenRequestFailure {
  return new TokenRequestFailure(error, 'refused', true);
}
