import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import type { Clock } from '../../clock.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import type { M2MClientEvent } from '../events.js';
import type { AccessToken } from '../token/access-token.js';
import { askedToken } from '../token/asked-token.js';
import { BoundedMap } from '../token/bounded-map.js';
import type { TokenSource } from '../token/token-source.js';

const FIRST_PAUSE = 10_000;
const LONGEST_PAUSE = 60 * 60 * 1000;
const MAX_REMEMBERED = 10_000;

/** A token that went to a target, and what it was asked for. */
export interface TokenUse {
  readonly target: ResolvedTarget;
  readonly parameters: TokenParameters;
  readonly source: TokenSource;
}

/** What became of the last renewal that a target forced. */
interface ForcedRenewal {
  /** Milliseconds until the next one is allowed. */
  readonly pause: number;
  readonly startedAt: number;
  /** When the target last rejected a token. */
  rejectedAt: number;
  /** Whether the target has accepted a token since. */
  accepted: boolean;
  /** While it is under way. */
  flight: Promise<AccessToken> | undefined;
}

/**
 * Renews tokens that targets reject, and keeps a target that rejects them all from buying one after the other: for each
 * target and kind of token 10 s between renewals, doubling to 1 h, until a token is accepted and stays so.
 */
export class RejectedTokens {
  /** Empty unless something was rejected, so that accepted tokens cost nothing. */
  readonly #renewals = new BoundedMap<ForcedRenewal>(MAX_REMEMBERED);

  constructor(
    private readonly clock: Clock,
    private readonly emit: (event: M2MClientEvent) => void,
  ) {}

  /** The token to send the request with once more; `undefined` where the rejection stands. */
  async replace(rejected: AccessToken, use: TokenUse): Promise<AccessToken | undefined> {
    const replacement = await this.#replacement(rejected, use).catch(() => undefined);
    const { target, parameters } = use;
    this.emit({
      type: 'rejected',
      client: target.client.name,
      asked: askedToken(parameters),
      target: target.name,
      renewed: replacement !== undefined,
    });
    return replacement;
  }

  /** Takes note that a target accepted a token. */
  accepted({ target, parameters }: TokenUse): void {
    if (this.#renewals.size === 0) return;
    const key = keyOf(target, parameters);
    const renewal = this.#renewals.get(key);
    if (!renewal) return;
    renewal.accepted = true;
    if (this.#isSettled(renewal)) this.#renewals.delete(key);
  }

  async #replacement(
    rejected: AccessToken,
    { target, parameters, source }: TokenUse,
  ): Promise<AccessToken | undefined> {
    const current = await source.getAccessToken(parameters);
    if (current.value !== rejected.value) return current;
    const key = keyOf(target, parameters);
    const last = this.#renewals.get(key);
    const now = this.clock.monotonic();
    if (last) {
      const settled = this.#isSettled(last);
      last.rejectedAt = now;
      if (last.flight) return last.flight;
      if (now - last.startedAt < last.pause) return undefined;
      return this.#renew(key, settled ? FIRST_PAUSE : Math.min(last.pause * 2, LONGEST_PAUSE), parameters, source);
    }
    return this.#renew(key, FIRST_PAUSE, parameters, source);
  }

  #renew(key: string, pause: number, parameters: TokenParameters, source: TokenSource): Promise<AccessToken> {
    const now = this.clock.monotonic();
    // The token that was rejected is served until the next one is there: other targets may well accept it.
    const flight = source.getAccessToken(parameters, { forceRenewal: true });
    const renewal: ForcedRenewal = { pause, startedAt: now, rejectedAt: now, accepted: false, flight };
    this.#renewals.set(key, renewal);
    const landed = (): void => void (renewal.flight = undefined);
    flight.then(landed, landed);
    return flight;
  }

  /** Whether the renewal did what it should: a token was accepted, and none was rejected for as long as the pause. */
  #isSettled({ accepted, rejectedAt, pause }: ForcedRenewal): boolean {
    return accepted && this.clock.monotonic() - rejectedAt >= pause;
  }
}

function keyOf(target: ResolvedTarget, parameters: TokenParameters): string {
  return JSON.stringify([target.name, parameters]);
}
