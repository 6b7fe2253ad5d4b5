import type { Clock } from '../../../time/clock.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import type { Counts } from '../../events/stats.js';
import { cacheToken, type CachedToken, type PreviousToken } from '../token/cached-token.js';
import { now, until } from '../../../time/moment.js';
import { withTimeout } from '../../../time/timeout.js';
import { backoff, type Random } from '../../../time/backoff.js';
import { RenewalPostponed } from '../token/renewal-postponed.js';
import type { Sleeper } from '../../../time/sleeper.js';
import { Lease } from './lease.js';
import { PATIENCE, type FaultTolerantTokenStore } from './fault-tolerant-token-store.js';
import type { SharedTokens } from './shared-tokens.js';
import type { FailureCache } from './failure-cache.js';
import { missingScopes } from './granted-scope.js';
import type { PreparedTokenRequest } from '../token/prepared-token-request.js';
import type { TokenPurchase } from './token-purchase.js';

/** What processes share. */
export interface Fleet {
  readonly store: FaultTolerantTokenStore;
  readonly tokens: SharedTokens;
}

export interface SharedTokenAcquirerDependencies {
  readonly client: ResolvedClient;
  readonly purchase: TokenPurchase;
  readonly guard: FailureCache;
  /** `undefined` where tokens stay in this process. */
  readonly fleet: Fleet | undefined;
  readonly counts: Counts;
  readonly clock: Clock;
  readonly sleeper: Sleeper;
  readonly random: Random;
}

/** Milliseconds that a lease outlasts the request it is for. */
const LEASE_MARGIN = 1000;
/** Milliseconds that a store may take for a first look to be asked once more: a call waits for `PATIENCE` beside them. */
const QUICK = 50;
/** Milliseconds between two looks for the token that another process fetches. */
const FIRST_LOOK = 50;
const LATER_LOOKS = 500;

/** Where a client's new tokens come from: another process that left one in the store, else the token endpoint. */
export class SharedTokenAcquirer {
  readonly #dependencies: SharedTokenAcquirerDependencies;
  /** What other processes are being told. */
  readonly #telling = new Set<Promise<unknown>>();

  constructor(dependencies: SharedTokenAcquirerDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Gets a token other than the one already known.
   *
   * @throws TokenRequestError, TokenEndpointError, DiscoveryError, BudgetExceededError
   * @throws RenewalPostponed where the store is down, so that a fleet without it does not renew all at once
   */
  async obtain(demand: PreparedTokenRequest, known: PreviousToken | undefined): Promise<CachedToken> {
    const { fleet } = this.#dependencies;
    if (fleet) return this.#obtainForAll(fleet, demand, known);
    return (await this.#find(demand, known)) ?? this.#buy(demand, known);
  }

  /** Removes a token from the store; with `ifValue`, only if it is still that one. A slow store does so in its own time. */
  async forget({ key }: PreparedTokenRequest, ifValue: string | undefined): Promise<void> {
    const { fleet, clock } = this.#dependencies;
    if (!fleet) return;
    const forgetting = fleet.tokens.forget(key, ifValue);
    this.#tell(forgetting);
    await withTimeout(forgetting, PATIENCE, clock);
  }

  /** Resolves when other processes were told all there is to tell. */
  async settled(): Promise<void> {
    await Promise.all(this.#telling);
  }

  /** What another process left: a token, or a failure, which is thrown. */
  async #find(demand: PreparedTokenRequest, known: PreviousToken | undefined): Promise<CachedToken | undefined> {
    const { fleet, guard, clock, client, counts } = this.#dependencies;
    const askedAt = now(clock);
    const [found] = await Promise.all([fleet?.tokens.read(demand.key), fleet && guard.learn(demand.key)]);
    if (found && found.issued.value !== known?.value) {
      const held = cacheToken(found.issued, askedAt, found.remaining, client.renewal);
      const isEnough = client.verifyScope !== 'strict' || missingScopes(demand.requested, held.issued).length === 0;
      const { leeway } = held.plan;
      const remaining = until(held.expiresAt, clock);
      if (isEnough && remaining > (known?.valid ? Math.max(leeway, known.remaining) : 0)) {
        counts.servedFromStore += 1;
        return { ...held, isEnding: remaining <= leeway };
      }
    }
    await guard.check(demand.key);
    return undefined;
  }

  /** One process of a fleet buys, the others wait for its token. */
  async #obtainForAll(
    fleet: Fleet,
    demand: PreparedTokenRequest,
    known: PreviousToken | undefined,
  ): Promise<CachedToken> {
    const { client, clock, sleeper, random } = this.#dependencies;
    const patienceEnds = clock.monotonic() + 2 * (client.timeout + LEASE_MARGIN);
    for (let looks = 1; ; looks++) {
      const held = await this.#findOrBuy(fleet, demand, known, clock.monotonic() > patienceEnds);
      if (held) return held;
      await sleeper.sleep((0.5 + random() / 2) * backoff(looks, FIRST_LOOK, LATER_LOOKS));
      if (sleeper.closed) throw new TokenEndpointError('no token is requested: the application is shutting down');
    }
  }

  /**
   * Finds what another process left, or else buys; `undefined` where another process does that.
   *
   * It asks for all at once, and once more when it has the lease: who had it before may have left a token in between. A
   * slow store holds a call up for the first answer only; the lease is asked for first there, which is as good where one
   * connection keeps the order.
   */
  async #findOrBuy(
    { store, tokens }: Fleet,
    demand: PreparedTokenRequest,
    known: PreviousToken | undefined,
    anyway: boolean,
  ): Promise<CachedToken | undefined> {
    const { client, clock, sleeper } = this.#dependencies;
    const lookedAt = clock.monotonic();
    const lease = new Lease({ store, clock, sleeper }, demand.key, client.timeout + LEASE_MARGIN);
    let telling: Promise<unknown> = Promise.resolve();
    let tellAgain: (() => Promise<unknown>) | undefined;
    try {
      const found = await this.#find(demand, known);
      if (found) return found;
      const state = await lease.state();
      if (state === 'taken' && !anyway) return undefined;
      if (state === 'held' && clock.monotonic() - lookedAt <= QUICK) {
        const left = await this.#find(demand, known);
        if (left) return left;
      }
      if (state === undefined && store.down) this.#postpone(tokens.fetchTime, known);
      const bought = await this.#buy(demand, known, (told) => void (telling = told));
      const { fetchTime } = tokens;
      tellAgain = () => tokens.write(demand.key, bought.issued, until(bought.expiresAt, clock), fetchTime);
      return bought;
    } finally {
      // Who gets the lease next must find what came of it.
      this.#tell(telling.catch(() => undefined).then(() => lease.giveBack(tellAgain)));
    }
  }

  /** Without the store a fleet would renew all at once. @throws RenewalPostponed where there is time to spare for that */
  #postpone(fetchTime: number, known: PreviousToken | undefined): void {
    // The endpoint may take longer than the last time; and the store was waited for, and is going to be again.
    const needed = 1.5 * fetchTime + 2 * PATIENCE;
    const spare = (known?.spare ?? 0) - needed;
    if (spare > 0) throw new RenewalPostponed(this.#dependencies.random() * spare);
  }

  #buy(
    demand: PreparedTokenRequest,
    known: PreviousToken | undefined,
    told: (telling: Promise<unknown>) => void = () => undefined,
  ): Promise<CachedToken> {
    return this.#dependencies.purchase.buy(demand, known, (telling) => {
      this.#tell(telling);
      told(telling);
    });
  }

  #tell(telling: Promise<unknown>): void {
    const told: Promise<unknown> = telling.catch(() => undefined).then(() => this.#telling.delete(told));
    this.#telling.add(told);
  }
}
