import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import { backoff } from '../../../time/backoff.js';
import { until } from '../../../time/moment.js';
import { withTimeout } from '../../../time/timeout.js';
import { cacheToken, type CachedToken } from '../token/cached-token.js';
import { RenewalPostponed } from '../token/postponed.js';
import type { TokenEndpoint } from '../endpoint/token-endpoint.js';
import type { PreparedTokenRequest, PreviousToken, TokenAcquirer } from '../token/token-acquirer.js';
import type { TokenContext } from '../token/token-context.js';
import type { FailureCache } from './failure-cache.js';
import type { FailureRecords } from './failure-records.js';
import { STORE_TIMEOUT, type FaultTolerantTokenStore } from './fault-tolerant-token-store.js';
import { missingScopes } from './granted-scope.js';
import { Lease } from './lease.js';
import { Pending } from './pending.js';
import type { SharedTokens } from './shared-tokens.js';

export interface SharedTokenAcquirerDependencies extends Omit<TokenContext, 'emit'> {
  readonly clientKey: string;
  readonly endpoint: TokenEndpoint;
  /** Acquires the tokens that are not in the store. */
  readonly acquirer: TokenAcquirer;
  readonly store: FaultTolerantTokenStore;
  readonly tokens: SharedTokens;
  readonly failures: FailureCache;
  readonly records: FailureRecords;
}

/** Milliseconds that a lease may be needed for longer than a token request. */
const LEASE_MARGIN = 1000;
/** Milliseconds that a store may take for a first look to be read once more: a call waits for `STORE_TIMEOUT` beside them. */
const QUICK = 50;
/** Milliseconds between two looks for the token that another process requests. */
const FIRST_LOOK = 50;
const LATER_LOOKS = 500;

/** Shares tokens with other processes: one of them requests a token and leaves it in the store, the others wait for it. */
export class SharedTokenAcquirer implements TokenAcquirer {
  readonly #dependencies: SharedTokenAcquirerDependencies;
  /** Leases that are given back once all is written, and tokens that are being removed. */
  readonly #pending = new Pending();

  constructor(dependencies: SharedTokenAcquirerDependencies) {
    this.#dependencies = dependencies;
  }

  async acquire(request: PreparedTokenRequest, previous: PreviousToken | undefined): Promise<CachedToken> {
    const { acquirer, client, endpoint, clock, sleeper, random } = this.#dependencies;
    if (!request.grant.isShareable || endpoint.presentsCertificate?.()) return acquirer.acquire(request, previous);
    const waitEnds = clock.monotonic() + 2 * (client.timeout + LEASE_MARGIN);
    for (let looks = 1; ; looks++) {
      const token = await this.#findOrRequest(request, previous, clock.monotonic() > waitEnds);
      if (token) return token;
      await sleeper.sleep((0.5 + random() / 2) * backoff(looks, FIRST_LOOK, LATER_LOOKS));
      if (sleeper.closed) throw new TokenEndpointError('no token is requested: the application is shutting down');
    }
  }

  async forget(key: string, ifValue: string | undefined): Promise<void> {
    const { tokens, clock } = this.#dependencies;
    // A slow store removes it in its own time.
    await withTimeout(this.#pending.add(tokens.forget(key, ifValue)), STORE_TIMEOUT, clock);
  }

  async discard(keys: readonly string[]): Promise<void> {
    this.#dependencies.tokens.close();
    await Promise.all(keys.map((key) => this.forget(key, undefined)));
  }

  settled(): Promise<void> {
    return this.#pending.settled();
  }

  /**
   * The token that another process left. If it left only that its token is bound, this process requests its own.
   *
   * @throws RequestPostponed if a failure was left
   */
  async #find(request: PreparedTokenRequest, previous: PreviousToken | undefined) {
    const { key, grant } = request;
    const { acquirer, client, clientKey, tokens, failures, records, counts, clock } = this.#dependencies;
    const [found] = await Promise.all([tokens.read(key), records.learn(key), records.learn(clientKey)]);
    if (found === 'bound') return acquirer.acquire(request, previous);
    if (found && found.value !== previous?.value) {
      const token = cacheToken(found, client.renewal);
      const isEnough = client.verifyScope !== 'strict' || missingScopes(client, grant.requested, found).length === 0;
      const { leeway } = token.plan;
      const remaining = until(token.expiresAt, clock);
      if (isEnough && remaining > (previous?.valid ? Math.max(leeway, previous.remaining) : 0)) {
        counts.servedFromStore += 1;
        return { ...token, isEnding: remaining <= leeway };
      }
    }
    await failures.check(key);
    return undefined;
  }

  /**
   * Finds the token of another process, or else requests one. `undefined` if another process is requesting it.
   *
   * It asks the store for all at once, and once more when it has the lease: the process that had it before may have left
   * a token in between. A slow store holds a call up for the first answer only. The lease is asked for first, which is
   * as good if one connection keeps the order.
   */
  async #findOrRequest(request: PreparedTokenRequest, previous: PreviousToken | undefined, anyway: boolean) {
    const { client, acquirer, store, tokens, clock } = this.#dependencies;
    const lookedAt = clock.monotonic();
    const lease = new Lease(this.#dependencies, request.key, client.timeout + LEASE_MARGIN);
    let writeAgain: (() => Promise<void>) | undefined;
    try {
      const found = await this.#find(request, previous);
      if (found) return found;
      const state = await lease.state();
      if (state === 'taken' && !anyway) return undefined;
      if (state === 'held' && clock.monotonic() - lookedAt <= QUICK) {
        const left = await this.#find(request, previous);
        if (left) return left;
      }
      if (state === undefined && store.down) this.#postpone(previous);
      const token = await acquirer.acquire(request, previous);
      void this.#pending.add(tokens.write(request.key, token.issued, !lease.isHeld));
      const { fetchTime } = tokens;
      writeAgain = () => tokens.write(request.key, token.issued, true, fetchTime);
      return token;
    } finally {
      // The next process that gets the lease must find the result.
      void this.#pending.add(store.written().then(() => lease.giveBack(writeAgain)));
    }
  }

  /** Without the store a fleet would renew all at once. @throws RenewalPostponed if there is time to spare for that */
  #postpone(previous: PreviousToken | undefined): void {
    const { tokens, random } = this.#dependencies;
    // The endpoint may take longer than the last time. The store was waited for, and is going to be again.
    const needed = 1.5 * tokens.fetchTime + 2 * STORE_TIMEOUT;
    const spare = (previous?.spare ?? 0) - needed;
    if (spare > 0) throw new RenewalPostponed(random() * spare);
  }
}
