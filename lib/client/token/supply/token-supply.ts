import type { Clock } from '../../../clock.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import type { TokenStoreLease } from '../../../options/token-store.js';
import type { Counts } from '../../stats.js';
import { hold, type HeldToken, type KnownToken } from '../life/held-token.js';
import { now, until } from '../../../instant.js';
import { growing, type Random } from '../life/pauses.js';
import { RenewalPostponed } from '../life/renewal-postponed.js';
import type { Sleeper } from '../life/sleeper.js';
import type { PatientStore } from '../shared/patient-store.js';
import type { SharedTokens } from '../shared/shared-tokens.js';
import type { FailureGuard } from './failure-guard.js';
import { missingScopes } from './granted-scope.js';
import type { TokenDemand } from './token-demand.js';
import type { TokenPurchase } from './token-purchase.js';

export interface TokenSupplyDependencies {
  readonly client: ResolvedClient;
  readonly purchase: TokenPurchase;
  readonly guard: FailureGuard;
  /** `undefined` where tokens stay in this process. */
  readonly fleet: { readonly store: PatientStore; readonly tokens: SharedTokens } | undefined;
  readonly counts: Counts;
  readonly clock: Clock;
  readonly sleeper: Sleeper;
  readonly random: Random;
}

/** Milliseconds that a lease outlasts the request it is for. */
const LEASE_MARGIN = 1000;
/** Milliseconds between two looks for the token that another process fetches. */
const FIRST_LOOK = 50;
const LATER_LOOKS = 500;

/** Where a client's new tokens come from: another process that left one in the store, else the token endpoint. */
export class TokenSupply {
  readonly #dependencies: TokenSupplyDependencies;
  /** What other processes are being told. */
  readonly #telling = new Set<Promise<unknown>>();

  constructor(dependencies: TokenSupplyDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Gets a token other than the one already known.
   *
   * @throws TokenRequestError, TokenEndpointError, DiscoveryError, BudgetExceededError
   * @throws RenewalPostponed where the store is down, so that a fleet without it does not renew all at once
   */
  async obtain(demand: TokenDemand, known: KnownToken | undefined): Promise<HeldToken> {
    const { fleet } = this.#dependencies;
    const found = await this.#find(demand, known);
    if (found) return found;
    return fleet ? this.#buyForAll(fleet.store, demand, known) : this.#buy(demand, known);
  }

  /** Removes a token from the store; with `ifValue`, only if it is still that one. */
  async forget({ key }: TokenDemand, ifValue: string | undefined): Promise<void> {
    await this.#dependencies.fleet?.tokens.forget(key, ifValue);
  }

  /** Resolves when other processes were told all there is to tell. */
  async settled(): Promise<void> {
    await Promise.all(this.#telling);
  }

  /** What another process left: a token, or a failure, which is thrown. */
  async #find(demand: TokenDemand, known: KnownToken | undefined): Promise<HeldToken | undefined> {
    const { fleet, guard, clock, client, counts } = this.#dependencies;
    const askedAt = now(clock);
    const [found] = await Promise.all([fleet?.tokens.read(demand.key), fleet && guard.learn(demand.key)]);
    if (found && found.issued.value !== known?.value) {
      const held = hold(found.issued, askedAt, found.remaining, client.renewal);
      const isEnough = client.verifyScope !== 'strict' || missingScopes(demand.asked, held.issued).length === 0;
      const least = Math.max(held.plan.leeway, known?.remaining ?? 0);
      if (isEnough && until(held.expiresAt, clock) > least) {
        counts.servedFromStore += 1;
        return held;
      }
    }
    await guard.check(demand.key);
    return undefined;
  }

  /** One process of a fleet buys, the others wait for its token. */
  async #buyForAll(store: PatientStore, demand: TokenDemand, known: KnownToken | undefined): Promise<HeldToken> {
    const { client, clock, sleeper, random } = this.#dependencies;
    const lifetime = client.timeout + LEASE_MARGIN;
    const patienceEnds = clock.monotonic() + 2 * lifetime;
    for (let looks = 1; ; looks++) {
      const lease = await store.acquire(demand.key, lifetime);
      if (lease === undefined && store.down && known && known.spare > 0) {
        throw new RenewalPostponed(random() * known.spare);
      }
      if (lease === undefined || clock.monotonic() > patienceEnds) return this.#buy(demand, known);
      if (lease !== 'taken') return this.#buyAsHolder(store, lease, demand, known);
      await sleeper.sleep((0.5 + random() / 2) * growing(looks, FIRST_LOOK, LATER_LOOKS));
      if (sleeper.closed) throw new TokenEndpointError('no token is requested: the application is shutting down');
      const found = await this.#find(demand, known);
      if (found) return found;
    }
  }

  async #buyAsHolder(
    store: PatientStore,
    lease: TokenStoreLease,
    demand: TokenDemand,
    known: KnownToken | undefined,
  ): Promise<HeldToken> {
    let telling: Promise<unknown> = Promise.resolve();
    try {
      const found = await this.#find(demand, known);
      return found ?? (await this.#buy(demand, known, (told) => void (telling = told)));
    } finally {
      // Who gets the lease next must find what came of it.
      this.#tell(telling.then(() => store.release(lease)));
    }
  }

  #buy(
    demand: TokenDemand,
    known: KnownToken | undefined,
    told: (telling: Promise<unknown>) => void = () => undefined,
  ): Promise<HeldToken> {
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
