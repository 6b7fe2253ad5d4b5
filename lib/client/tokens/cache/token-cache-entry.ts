import { runOutsideRequests } from '../../../request-context/request-context.js';
import { LEAST_DELAY, outagePause, renewalPause } from '../../../time/backoff.js';
import { now, since, until, wasSuspended, type Moment } from '../../../time/moment.js';
import { withTimeout, abortable } from '../../../time/timeout.js';
import type { TokenEndpoint } from '../endpoint/token-endpoint.js';
import type { TokenState } from '../../events/stats.js';
import type { TokenContext } from '../token/token-context.js';
import type { AccessToken } from '../token/access-token.js';
import type { CachedToken } from '../token/cached-token.js';
import { RenewalPostponed, RequestPostponed } from '../token/postponed.js';
import type { PreparedTokenRequest, PreviousToken, TokenAcquirer } from '../token/token-acquirer.js';

/** Milliseconds that a call waits at most for a newer token if it could have the current one. */
const RENEWAL_TIMEOUT = 1000;

/** Why the next token is acquired: ahead of time, for a call that waits, or in place of a rejected one. */
type Purpose = 'renewal' | 'urgent' | 'replacement';

/** The search of the next token, which all callers share. */
interface Flight {
  readonly purpose: Purpose;
  readonly begunAt: Moment;
  readonly token: Promise<CachedToken>;
}

export interface TokenCacheEntryDependencies extends Pick<TokenContext, 'client' | 'clock' | 'random' | 'emit'> {
  readonly acquirer: Pick<TokenAcquirer, 'acquire'>;
  readonly endpoint?: Pick<TokenEndpoint, 'certificate'> | undefined;
}

/** The current token of one request, and the one flight for the next. */
export class TokenCacheEntry {
  #cached: CachedToken | undefined;
  /** The value of the current token, or of the one that was forgotten. */
  #lastValue: string | undefined;
  #flight: Flight | undefined;
  /** Flights that failed since the last one that did not. */
  #failures = 0;
  #renewNotBefore = 0;
  /** The same for timers, which do not look as often as calls. */
  #timerNotBefore = 0;
  #failure: Error | undefined;
  /** When that was, in milliseconds since the epoch. */
  #failedAt: number | undefined;
  #isPostponed = false;
  #isOutageAnnounced = false;

  /** Called after each flight. */
  onFlightEnd: (() => void) | undefined;

  constructor(
    private readonly request: PreparedTokenRequest,
    private readonly dependencies: TokenCacheEntryDependencies,
  ) {}

  /** The current token, used up or not. */
  get token(): AccessToken | undefined {
    return this.#cached?.token;
  }

  /** The error of the last flight. `undefined` if that brought a token. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** What is known of the current token. */
  get state(): TokenState {
    const lifetime = this.#cached?.issued.lifetime ?? 0;
    return { remaining: Math.max(0, this.#remaining()), lifetime, failedAt: this.#failure && this.#failedAt };
  }

  /** Whether the next token is under way. */
  get isAcquiring(): boolean {
    return this.#flight !== undefined;
  }

  /** The current token, unless it is used up. If its renewal is due, that begins in the background. */
  current(): AccessToken | undefined {
    const cached = this.#cached;
    if (!cached) return undefined;
    const remaining = until(cached.expiresAt, this.dependencies.clock);
    if (remaining <= cached.plan.leeway || this.#isOfOldCertificate(cached)) return undefined;
    if (remaining <= cached.plan.renewal && this.request.grant.renewsAhead) this.#renewInBackground();
    return cached.token;
  }

  /** The current token until it is really expired, for a reader that cannot wait for the next one. */
  currentToTheEnd(): AccessToken | undefined {
    const remaining = this.#remaining();
    if (!this.#cached || remaining <= 0) return undefined;
    if (this.#failures > 0 && remaining <= this.#cached.plan.leeway) this.#announceOutage();
    return this.#cached.token;
  }

  /** Begins the renewal if it is due and not paused. Returns the milliseconds until a timer has to look again. */
  renewIfDue(): number {
    if (this.#flight && this.#mayBring(this.#flight)) return Infinity;
    const { plan } = this.#cached ?? {};
    const isDue = this.#cached !== undefined && this.#isOfOldCertificate(this.#cached);
    const remaining = isDue ? 0 : this.#remaining();
    const notBefore = this.#timerNotBefore - this.dependencies.clock.monotonic();
    const renewal = this.request.grant.renewsAhead ? plan?.renewal : plan?.leeway;
    const pause = Math.max(notBefore, remaining - (renewal ?? 0));
    if (pause > 0) return pause;
    this.#fly(remaining > (plan?.leeway ?? 0) ? 'renewal' : 'urgent').token.catch(() => undefined);
    return Infinity;
  }

  /** Waits for a token in place of the current one, however long that one lives. All callers share one flight. */
  next(signal: AbortSignal | undefined): Promise<AccessToken> {
    return this.#next('replacement', signal);
  }

  /** The next token, or the current one if that is not really expired and the next one does not come. */
  async nextOrCurrent(signal: AbortSignal | undefined): Promise<AccessToken> {
    const cached = this.#cached;
    const remaining = this.#remaining();
    if (!cached || remaining <= 0) {
      const token = await this.#next('urgent', signal);
      return this.#cached?.isEnding ? this.nextOrCurrent(signal) : token;
    }
    if (this.#failures > 0) {
      this.#renewInBackground();
    } else {
      const next = this.#next('urgent', undefined);
      const timeout = Math.min(RENEWAL_TIMEOUT, remaining / 2);
      const inTime = withTimeout(next, timeout, this.dependencies.clock).catch(() => undefined);
      const token = await abortable(inTime, signal);
      if (token) return token;
      // Forgotten meanwhile, because it was rejected. Or the process was held up for longer than the token lived.
      if (this.#cached !== cached || this.#remaining() <= 0) return this.current() ?? this.#next('urgent', signal);
      this.#failures ||= 1;
    }
    this.#announceOutage();
    return cached.token;
  }

  /** Forgets the current token. With `ifValue`, only if it is that one. */
  forget(ifValue: string | undefined): void {
    const value = this.token?.value;
    if (ifValue !== undefined && value !== undefined && ifValue !== value) return;
    this.#lastValue = ifValue ?? value;
    this.#cached = undefined;
  }

  /** Ends the pause after a renewal that failed. */
  retryNow(): void {
    this.#renewNotBefore = this.#timerNotBefore = 0;
  }

  /** Resolves when no flight is under way. */
  async settled(): Promise<void> {
    while (this.#flight) await this.#flight.token.catch(() => undefined);
  }

  async #next(purpose: Purpose, signal: AbortSignal | undefined): Promise<AccessToken> {
    const before = this.#cached;
    for (let isRepeated = false; ; isRepeated = true) {
      const flight = this.#fly(purpose);
      try {
        return (await abortable(flight.token, signal)).token;
      } catch (error) {
        if (signal?.aborted) throw error;
        const cached = this.#cached;
        // A flight that was begun in place of this one brought it.
        if (cached && cached !== before && this.#remaining() > 0) return cached.token;
        // What a renewal fails of may be over: the process may have been suspended since it began.
        if (isRepeated || flight.purpose !== 'renewal') throw error;
      }
    }
  }

  #renewInBackground(): void {
    if (this.#flight || this.dependencies.clock.monotonic() < this.#renewNotBefore) return;
    this.#fly('renewal').token.catch(() => undefined);
  }

  /** The flight that is under way, unless it should have ended long ago, or else a new one. */
  #fly(purpose: Purpose): Flight {
    if (this.#flight && this.#mayBring(this.#flight)) return this.#flight;
    const begunAt = now(this.dependencies.clock);
    const end = (): void => {
      if (this.#flight === flight) this.#flight = undefined;
      this.onFlightEnd?.();
    };
    const token = runOutsideRequests(() => this.#acquire(purpose, () => this.#flight === flight).finally(end));
    const flight: Flight = { purpose, begunAt, token };
    this.#flight = flight;
    return flight;
  }

  /** Whether a flight may still bring a token, and should not have ended long ago. */
  #mayBring({ begunAt }: Flight): boolean {
    const { client, clock } = this.dependencies;
    return since(begunAt, clock) <= client.timeout && !wasSuspended(begunAt, client.timeout, clock);
  }

  /** @param isLatest whether no other flight was begun in place of this one */
  async #acquire(purpose: Purpose, isLatest: () => boolean): Promise<CachedToken> {
    const { acquirer, clock } = this.dependencies;
    try {
      const cached = await acquirer.acquire(this.request, this.#previous(purpose));
      if (!isLatest() && until(cached.expiresAt, clock) <= this.#remaining()) return cached;
      this.#cached = cached;
      this.#lastValue = cached.token.value;
      this.#failures = this.#renewNotBefore = 0;
      this.#failure = undefined;
      // Tokens that come almost expired, or are forgotten at once, are not renewed without end.
      this.#timerNotBefore = clock.monotonic() + LEAST_DELAY;
      this.#isPostponed = this.#isOutageAnnounced = false;
      return cached;
    } catch (error) {
      if (isLatest()) {
        this.#isPostponed = error instanceof RenewalPostponed;
        this.#renewNotBefore = clock.monotonic() + this.#pauseAfter(error);
        this.#timerNotBefore = clock.monotonic() + Math.max(LEAST_DELAY, this.#timerPauseAfter(error));
        if (!this.#isPostponed) [this.#failure, this.#failedAt] = [failureOf(error), clock.wall()];
      }
      throw failureOf(error);
    }
  }

  /** Milliseconds without a renewal after a flight that failed. */
  #pauseAfter(error: unknown): number {
    const { client, random } = this.dependencies;
    if (error instanceof RenewalPostponed) return error.pause;
    if (error instanceof RequestPostponed) {
      // A longer pause may end before its time: another process may have a token, or the secret may change.
      return Math.min(error.pause, renewalPause(Infinity, client.retry, random));
    }
    this.#failures += 1;
    return renewalPause(this.#failures, client.retry, random);
  }

  /** Milliseconds until a timer tries again. Nobody waits for it, so that it comes after the pauses that calls have. */
  #timerPauseAfter(error: unknown): number {
    const { client, random } = this.dependencies;
    if (error instanceof RenewalPostponed) return error.pause;
    if (!(error instanceof RequestPostponed)) return outagePause(this.#failures, client.retry, random);
    return Math.min(error.pause, outagePause(Infinity, client.retry, random));
  }

  #previous(purpose: Purpose): PreviousToken | undefined {
    const value = this.#lastValue;
    if (value === undefined) return undefined;
    const remaining = Math.max(0, this.#remaining());
    const canWait = purpose === 'renewal' && !this.#isPostponed;
    return {
      value,
      valid: remaining > 0,
      remaining: purpose === 'replacement' ? 0 : remaining,
      spare: canWait ? Math.max(0, remaining - (this.#cached?.plan.leeway ?? 0)) : 0,
    };
  }

  /** Whether a token is bound to a client certificate in place of which there is a new one. */
  #isOfOldCertificate({ issued: { isBound, certificate } }: CachedToken): boolean {
    return isBound && certificate !== undefined && certificate !== this.dependencies.endpoint?.certificate;
  }

  #announceOutage(): void {
    const { client, emit } = this.dependencies;
    if (this.#isOutageAnnounced) return;
    this.#isOutageAnnounced = true;
    const { requested } = this.request.grant;
    emit({ type: 'served-during-outage', client: client.name, requested, remaining: this.#remaining() });
  }

  /** Milliseconds until the current token expires. */
  #remaining(): number {
    return this.#cached ? until(this.#cached.expiresAt, this.dependencies.clock) : 0;
  }
}

/** The error for callers. */
function failureOf(error: unknown): Error {
  return error instanceof RequestPostponed ? error.failure : (error as Error);
}
