import { LRUCache } from 'lru-cache';
import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import type { Clock } from '../../time/clock.js';
import type { M2MClientEvent } from '../events/m2m-client-event.js';
import type { TokenManager } from '../tokens/token-manager.js';
import type { AccessToken } from '../tokens/token/access-token.js';
import { KEY_LIMIT } from '../tokens/token/cache-key.js';
import { requestedToken } from '../tokens/grants/grant.js';
import { nextForcedRenewal, type ForcedRenewals } from './forced-renewals.js';

/** A token that went to a target, and what was requested for it. */
export interface TokenUse {
  readonly target: ResolvedTarget;
  readonly parameters: TokenParameters;
  readonly manager: Pick<TokenManager, 'getAccessToken'>;
}

/**
 * Renews tokens that targets reject. A target that rejects them all gets few, by the rule of `nextForcedRenewal` for
 * each target and kind of token.
 */
export class RejectedTokens {
  readonly #renewals = new LRUCache<string, ForcedRenewals>(KEY_LIMIT);

  constructor(
    private readonly clock: Clock,
    private readonly emit: (event: M2MClientEvent) => void,
  ) {}

  /** The token to send the request with once more; `undefined` if the rejection stands. */
  async replace(rejected: AccessToken, use: TokenUse): Promise<AccessToken | undefined> {
    const replacement = await this.#replacement(rejected, use).catch(() => undefined);
    const { target, parameters } = use;
    const about = { client: target.client.name, requested: requestedToken(parameters), target: target.name };
    this.emit({ type: 'rejected', ...about, renewed: replacement !== undefined });
    return replacement;
  }

  /**
   * Takes note that a target accepted a replacement. Other acceptances show nothing: a path may reject every token
   * while the paths beside it accept them all.
   */
  accepted({ target, parameters }: TokenUse): void {
    const renewals = this.#renewals.get(keyOf(target, parameters));
    if (renewals) renewals.accepted = true;
  }

  async #replacement(rejected: AccessToken, use: TokenUse): Promise<AccessToken | undefined> {
    const { target, parameters, manager } = use;
    const current = await manager.getAccessToken(parameters, { again: true });
    if (current.value !== rejected.value) return current;
    const key = keyOf(target, parameters);
    const last = this.#renewals.get(key);
    const now = this.clock.monotonic();
    const next = nextForcedRenewal(last, now);
    if (last) last.rejectedAt = now;
    if (last?.flight) return last.flight;
    if (!next) return undefined;
    // The rejected token is served until the next one is there: other targets may well accept it.
    const flight = manager.getAccessToken(parameters, { forceRenewal: true, again: true });
    const renewals: ForcedRenewals = { ...next, flight };
    this.#renewals.set(key, renewals);
    const landed = (): void => void (renewals.flight = undefined);
    flight.then(landed, landed);
    return flight;
  }
}

function keyOf(target: ResolvedTarget, parameters: TokenParameters): string {
  return JSON.stringify([target.name, parameters]);
}
