import { LRUCache } from 'lru-cache';
import type { Clock } from '../../time/clock.js';
import type { AccessToken } from '../tokens/token/access-token.js';
import { KEY_LIMIT } from '../tokens/token/cache-key.js';
import { nextForcedRenewal, type ForcedRenewals } from './forced-renewals.js';
import type { TargetLog } from '../events/target-log.js';
import type { TokenUse } from './token-use.js';

const HOUR = 60 * 60 * 1000;

/**
 * Renews tokens that targets reject. A target that rejects them all gets few, by the rule of `nextForcedRenewal` for
 * each target and kind of token.
 */
export class RejectedTokens {
  readonly #renewals = new LRUCache<string, ForcedRenewals>(KEY_LIMIT);
  /** When targets are listened to again that answer any token with a 401 without a challenge; by name, and by caller. */
  readonly #ignoredUntil = new LRUCache<string, number>(KEY_LIMIT);

  constructor(
    private readonly clock: Clock,
    readonly log: TargetLog,
  ) {}

  /**
   * The token in place of a rejected one; `undefined` if the rejection stands.
   *
   * @param isExplained whether the target says why; if not, it is listened to until it rejects a replacement, too
   */
  async replace(rejected: AccessToken, use: TokenUse, isExplained = true): Promise<AccessToken | undefined> {
    if (!isExplained && this.#isIgnored(rejected, use)) return undefined;
    const replacement = await this.#replacement(rejected, use, isExplained).catch(() => undefined);
    this.log.rejected(use, replacement !== undefined);
    return replacement;
  }

  /**
   * Takes note that a target accepted a replacement. Other acceptances show nothing: a path may reject every token
   * while the paths beside it accept them all.
   */
  accepted(use: TokenUse): void {
    const renewals = this.#renewals.get(keyOf(use));
    if (renewals) renewals.accepted = true;
  }

  /** Takes note that a target rejected a replacement without saying why, as it had rejected the token before. */
  ignore(use: TokenUse): void {
    const name = listenerOf(use);
    const now = this.clock.monotonic();
    if (now < (this.#ignoredUntil.get(name) ?? 0)) return;
    this.#ignoredUntil.set(name, now + HOUR);
    const last = this.#renewals.get(keyOf(use));
    if (last) last.unexplained = undefined;
    this.log.rejectionsIgnored(use, HOUR);
  }

  #isIgnored(rejected: AccessToken, use: TokenUse): boolean {
    const last = this.#renewals.get(keyOf(use));
    // A request that could not be sent again has not tried its replacement. The next one has.
    if (last?.unexplained === rejected.value && !last.accepted) this.ignore(use);
    return this.clock.monotonic() < (this.#ignoredUntil.get(listenerOf(use)) ?? 0);
  }

  async #replacement(rejected: AccessToken, use: TokenUse, isExplained: boolean): Promise<AccessToken | undefined> {
    const { parameters, manager } = use;
    const current = await manager.getAccessToken(parameters, { again: true });
    if (current.value !== rejected.value) return current;
    const key = keyOf(use);
    const last = this.#renewals.get(key);
    const now = this.clock.monotonic();
    const next = nextForcedRenewal(last, now);
    if (last) last.rejectedAt = now;
    if (last?.flight) return last.flight;
    if (!next) return undefined;
    // The rejected token is served until the next one is there: other targets may well accept it. One that another target
    // had replaced meanwhile is not replaced again.
    const flight = manager
      .getAccessToken(parameters, { forceRenewal: true, instead: rejected.value, again: true })
      // A metadata server hands out one token to its very end. To send that once more would be of no use.
      .then((token) => (token.value === rejected.value ? undefined : token));
    const renewals: ForcedRenewals = { ...next, flight };
    this.#renewals.set(key, renewals);
    const landed = (token?: AccessToken): void => {
      renewals.flight = undefined;
      if (!isExplained) renewals.unexplained = token?.value;
    };
    flight.then(landed, () => landed());
    return flight;
  }
}

function keyOf({ target, parameters, callerKey }: TokenUse): string {
  return JSON.stringify([target.name, callerKey ?? parameters]);
}

/** Whom the answers of a target without a challenge concern: all requests to it, or those of one caller. */
function listenerOf(use: TokenUse): string {
  return use.callerKey === undefined ? use.target.name : keyOf(use);
}
