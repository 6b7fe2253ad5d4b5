import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import type { Clock } from '../../time/clock.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import type { M2MClientEvent } from '../events/m2m-client-event.js';
import type { AccessToken } from '../tokens/token/access-token.js';
import { requestedToken } from '../tokens/token/requested-token.js';
import { BoundedMap } from '../tokens/token/bounded-map.js';
import type { TokenSource } from '../tokens/token-source.js';

const FIRST_PAUSE = 10_000;
const HOUR = 60 * 60 * 1000;
const LONGEST_PAUSE = HOUR;
/** What no target gets past, whatever it accepts in between: one of several hosts may be the one that rejects. */
const MOST_AN_HOUR = 9;
const MAX_REMEMBERED = 10_000;

/** A token that went to a target, and what it was asked for. */
export interface TokenUse {
  readonly target: ResolvedTarget;
  readonly parameters: TokenParameters;
  readonly source: TokenSource;
}

/** The renewals that a target forced, for one kind of token. */
interface ForcedRenewals {
  /** Milliseconds from the last one until the next is allowed. */
  readonly pause: number;
  /** When they began, in order: the last one, and those of the hour before it. */
  readonly starts: readonly number[];
  /** When the target last rejected a token. */
  rejectedAt: number;
  /** Whether the target has accepted a token in place of a rejected one since. */
  accepted: boolean;
  /** The last one, while it is under way. */
  flight: Promise<AccessToken> | undefined;
}

/**
 * Renews tokens that targets reject, and keeps a target that rejects them all from buying one after the other: for each
 * target and kind of token 10 s between renewals, doubling to 1 h, until a renewal helps and nothing is rejected for as
 * long; and at most 9 an hour.
 */
export class RejectedTokens {
  readonly #renewals = new BoundedMap<ForcedRenewals>(MAX_REMEMBERED);

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
      requested: requestedToken(parameters),
      target: target.name,
      renewed: replacement !== undefined,
    });
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

  async #replacement(
    rejected: AccessToken,
    { target, parameters, source }: TokenUse,
  ): Promise<AccessToken | undefined> {
    const current = await source.getAccessToken(parameters, { again: true });
    if (current.value !== rejected.value) return current;
    const key = keyOf(target, parameters);
    const last = this.#renewals.get(key);
    const now = this.clock.monotonic();
    const pause = last ? pauseAfter(last, now) : FIRST_PAUSE;
    if (last) last.rejectedAt = now;
    if (last?.flight) return last.flight;
    if (last && now - (last.starts.at(-1) ?? 0) < last.pause) return undefined;
    const recent = last ? last.starts.filter((start) => now - start < HOUR) : [];
    if (recent.length >= MOST_AN_HOUR) return undefined;
    // The token that was rejected is served until the next one is there: other targets may well accept it.
    const flight = source.getAccessToken(parameters, { forceRenewal: true, again: true });
    const renewals: ForcedRenewals = { pause, starts: [...recent, now], rejectedAt: now, accepted: false, flight };
    this.#renewals.set(key, renewals);
    const landed = (): void => void (renewals.flight = undefined);
    flight.then(landed, landed);
    return flight;
  }
}

/** The pause after the next renewal: the last one helped if a token was accepted, and none rejected for its pause. */
function pauseAfter({ accepted, rejectedAt, pause }: ForcedRenewals, now: number): number {
  return accepted && now - rejectedAt >= pause ? FIRST_PAUSE : Math.min(pause * 2, LONGEST_PAUSE);
}

function keyOf(target: ResolvedTarget, parameters: TokenParameters): string {
  return JSON.stringify([target.name, parameters]);
}
