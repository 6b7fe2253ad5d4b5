import type { TokenEndpoint } from '../endpoint/token-endpoint.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import { UpstreamError } from '../../../http/upstream.error.js';
import { backoff, retryPause } from '../../../time/backoff.js';
import { now, since, wasSuspended } from '../../../time/moment.js';
import type { FailureClass } from '../endpoint/failure-class.js';
import { TokenRequestFailure } from '../endpoint/token-request-failure.js';
import type { Grant } from '../grants/grant.js';
import { cacheToken, type CachedToken, type IssuedToken } from '../token/cached-token.js';
import { RequestPostponed } from '../token/postponed.js';
import type { PreparedTokenRequest, PreviousToken, TokenAcquirer } from '../token/token-acquirer.js';
import type { TokenContext } from '../token/token-context.js';
import type { Budget, BudgetPurpose } from './budget.js';
import type { EndpointOutage } from './endpoint-outage.js';
import type { FailureCache } from './failure-cache.js';
import type { Outages } from './outages.js';
import { missingScopes, scopeRefused } from './granted-scope.js';

export interface TokenRequesterDependencies extends TokenContext {
  readonly endpoint: TokenEndpoint;
  readonly outages: Outages;
  readonly failures: FailureCache;
  /** The budget that a grant's requests count for. */
  budgetOf(grant: Grant): Budget;
}

/** Milliseconds before a request in place of an answer whose token had expired. They double: a server may hand out one token to its very end. */
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 2000;
/** Failures after which the same request may succeed at once. */
const MAY_PASS = new Set<FailureClass>(['transient', 'no-credential', 'no-token']);
/** Milliseconds that the first attempt may take at least. */
const LEAST_FIRST_TIMEOUT = 1000;

/** Requests tokens from the token endpoint, again and again within one deadline, as long as that makes sense. */
export class TokenRequester implements TokenAcquirer {
  constructor(private readonly dependencies: TokenRequesterDependencies) {}

  async acquire({ key, grant }: PreparedTokenRequest, previous: PreviousToken | undefined): Promise<CachedToken> {
    const { client, failures, emit, clock } = this.dependencies;
    await failures.check(key);
    const begin = clock.monotonic();
    const about = () => ({ client: client.name, requested: grant.requested, duration: clock.monotonic() - begin });
    try {
      const token = this.#accept(grant, await this.#request(key, grant, previous ? 'renewal' : 'new token'));
      failures.succeeded(key);
      emit({ type: previous?.valid ? 'renewed' : 'issued', ...about(), lifetime: token.issued.lifetime });
      return token;
    } catch (thrown) {
      if (thrown instanceof RequestPostponed) throw thrown;
      const error = thrown instanceof TokenRequestFailure ? thrown.error : (thrown as Error);
      if (thrown instanceof TokenRequestFailure) failures.failed(key, thrown);
      const ofAll = thrown instanceof TokenRequestFailure ? thrown.concerns : 'client';
      // What is refused on behalf of one caller tells nothing about others.
      const concerns = ofAll === 'client' && grant.caller !== undefined ? 'token' : ofAll;
      emit({ type: previous?.valid ? 'renewal-failed' : 'request-failed', ...about(), error, concerns });
      throw error;
    }
  }

  /** @throws TokenRequestFailure, RequestPostponed, BudgetExceededError */
  async #request(key: string, grant: Grant, purpose: BudgetPurpose): Promise<IssuedToken> {
    const { client, clock, sleeper, outages } = this.dependencies;
    const outage = outages.of(key);
    const deadline = clock.monotonic() + client.timeout;
    const left = (): number => deadline - clock.monotonic();
    let isProbe = false;
    let isCredentialNew = false;
    try {
      for (let attempt = 1; ; attempt++) {
        isProbe ||= await outage.enter(left());
        const [failuresBefore, begunAt] = [outage.failures, now(clock)];
        try {
          const issued = await this.#attempt(grant, purpose, attempt, left());
          outage.end();
          return issued;
        } catch (failure) {
          if (!(failure instanceof TokenRequestFailure)) throw failure;
          const isExpired = failure.failureClass === 'expired';
          if ((failure.refusal || isExpired) && failure.sent) outage.end();
          if (failure.failureClass === 'credentials' && !isCredentialNew) {
            isCredentialNew = await this.#hasNewCredential(failure, left());
            if (isCredentialNew && left() > 0) continue;
          }
          const pause = this.#pause(attempt, failure, outage);
          if (pause === undefined || pause >= left()) {
            // What fails while the process is suspended tells nothing about the endpoint.
            const isOutage = failure.isOutage && !wasSuspended(begunAt, client.timeout, clock);
            if (isOutage) outage.failed(failure, client, failuresBefore);
            throw failure;
          }
          // Nobody else waits for a newer token of this request.
          if (!isExpired) isProbe ||= outage.beginProbe();
          else if (isProbe) isProbe = outage.endProbe();
          await sleeper.sleep(pause);
          if (sleeper.closed) throw failure;
        }
      }
    } finally {
      if (isProbe) outage.endProbe();
    }
  }

  async #attempt(grant: Grant, purpose: BudgetPurpose, attempt: number, timeout: number): Promise<IssuedToken> {
    const { client, endpoint, counts, clock } = this.dependencies;
    const budget = this.dependencies.budgetOf(grant);
    // A request that hangs leaves time for another one, and a slow server gets all of the time that is left.
    const isFirst = attempt === 1 && client.retry.attempts > 1;
    const answerTimeout = isFirst ? Math.max(LEAST_FIRST_TIMEOUT, client.timeout / 3) : timeout;
    budget.take(purpose);
    let sent = true;
    try {
      const issued = await endpoint.request(grant, { timeout, answerTimeout: Math.min(answerTimeout, timeout) });
      if (since(issued.requestedAt, clock) >= issued.lifetime) throw expired(issued);
      return issued;
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
  #pause(attempt: number, failure: TokenRequestFailure, outage: EndpointOutage): number | undefined {
    const { client, random } = this.dependencies;
    if (failure.failureClass === 'expired') return backoff(attempt, FIRST_PAUSE, LONGEST_PAUSE);
    if (!MAY_PASS.has(failure.failureClass) || attempt >= client.retry.attempts) return undefined;
    // In an outage a probe is repeated only if that may bring what the first attempt had no time for.
    if (outage.failures > 0 && !isTimeout(failure)) return undefined;
    return (failure.retryAfter ?? 0) * 1000 + retryPause(attempt, client.retry, random);
  }

  /** @throws TokenRequestFailure if the token cannot be used */
  #accept({ requested }: Grant, issued: IssuedToken): CachedToken {
    const { client, emit } = this.dependencies;
    const token = cacheToken(issued, client.renewal);
    const missing = missingScopes(client, requested, issued);
    if (missing.length > 0) {
      emit({ type: 'scope-missing', client: client.name, requested, missing });
      if (client.verifyScope === 'strict') throw new TokenRequestFailure(scopeRefused(missing), 'refused', true);
    }
    return token;
  }
}

function isTimeout({ error: { cause } }: TokenRequestFailure): boolean {
  return cause instanceof UpstreamError && cause.failure === 'timeout';
}

function expired({ lifetime }: IssuedToken): TokenRequestFailure {
  const message = `a token had expired when it came (lifetime ${Math.round(lifetime)} ms)`;
  return new TokenRequestFailure(new TokenEndpointError(message), 'expired', true);
}
