import type { Subject } from 'rxjs';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import { KeysUnavailableError } from '../../../errors/keys-unavailable.error.js';
import { quoted } from '../../../events/log-text.js';
import type { ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import { runOutsideRequests } from '../../../request-context/request-context.js';
import { backoff } from '../../../time/backoff.js';
import type { Clock } from '../../../time/clock.js';
import { now, since, type Moment } from '../../../time/moment.js';
import type { M2MResourceServerEvent } from '../../events/m2m-resource-server-event.js';
import { PublishedKeys } from './published-keys.js';
import type { VerificationKey } from './verification-key.js';

/** The part of its life after which a key set is renewed in the background. */
export const RENEWED_FROM = 0.8;
/** After so many cooldowns a `kid` that was not there is asked for again: its key may have been published late. */
const UNKNOWN_FOR = 2;
/** The most of such `kid`s that are remembered, and the longest, in characters: anybody can send any. */
const MOST_UNKNOWN = 1000;
const LONGEST_UNKNOWN = 256;
/** So many cooldowns, which are the longest pause between two attempts, an outage may have been noticed ago. */
const LATELY = 2;
/** Milliseconds after a fetch that failed. The pause doubles from failure to failure, up to the cooldown. */
const FIRST_PAUSE = 1000;

/** The keys of one issuer: fetched as a whole, renewed before they are too old, and never replaced by nothing. */
export class KeySet {
  private keys = new PublishedKeys();
  private asOf: Moment | undefined;
  private flight: Promise<void> | undefined;
  /** Why the last fetch failed; `undefined` if it did not. */
  private failure: Error | undefined;
  private failures = 0;
  private lastFetch: Moment;
  /** A fetch because of a bad signature, and the end of the last one. Nothing but bad signatures waits for either. */
  private recheck: Promise<unknown> | undefined;
  private lastRecheck: Moment | undefined;
  /** How many fetches have begun, and which of them the keys are of. */
  private begun = 0;
  private source = 0;
  /** The `kid`s that the last fetch did not find: to fetch for them again would be in vain. */
  private readonly unknown = new Set<string>();

  /** @param fetchKeys fetches the keys that the issuer publishes now */
  constructor(
    private readonly issuer: string,
    private readonly fetchKeys: () => Promise<readonly VerificationKey[]>,
    private readonly options: ResolvedResourceServerOptions['keySet'],
    private readonly clock: Clock,
    private readonly events: Subject<M2MResourceServerEvent>,
  ) {
    this.lastFetch = now(clock);
  }

  /** The keys that a token may be signed with, if they are known without waiting; else none. */
  known(alg: string, kid: string | undefined): readonly VerificationKey[] {
    return this.isUsable() ? this.keys.fitting(alg, kid) : [];
  }

  /**
   * The keys that a token may be signed with, as its header says: at least one.
   *
   * @throws InvalidTokenError if the issuer has no such key, or not for this algorithm
   * @throws KeysUnavailableError if that cannot be known now
   */
  async find(alg: string, kid: string | undefined): Promise<readonly VerificationKey[]> {
    await this.ready();
    if (kid !== undefined && !this.keys.has(kid)) await this.askFor(kid);
    if (this.failure && !this.keys.has(kid)) throw this.unavailable(this.failure);
    const fitting = this.keys.fitting(alg, kid);
    // A `kid` may have been given to a key for another algorithm.
    const found = fitting.length === 0 && this.keys.has(kid) ? await this.findOthers(alg, kid, []) : fitting;
    if (found.length > 0) return found;
    throw new InvalidTokenError('key', `${quoted(this.issuer)} publishes no key that the token may be signed with`);
  }

  /**
   * The keys that a token may be signed with beside those that did not verify it: an issuer may have given a `kid` to
   * another key. One fetch serves all that ask, and the next comes after the cooldown. It has a cooldown of its own, so
   * that bad signatures, which anybody can send, put off no fetch for an unknown `kid`.
   */
  async findOthers(
    alg: string,
    kid: string | undefined,
    tried: readonly VerificationKey[],
  ): Promise<readonly VerificationKey[]> {
    const others = (): VerificationKey[] =>
      this.keys.fitting(alg, kid).filter((key) => !tried.some((each) => each.isSameKey(key)));
    const found = others();
    if (found.length > 0) return found;
    await (this.flight ?? this.checkAgain());
    return others();
  }

  /** Fetches the keys if there are none that may be used. @throws KeysUnavailableError */
  async ready(): Promise<void> {
    if (this.isUsable()) return;
    await this.renew();
    if (this.failure && !this.isUsable()) throw this.unavailable(this.failure);
  }

  /** Fetches the keys now, also if those at hand are new. @throws KeysUnavailableError if they cannot be had; those at hand stay */
  async refresh(): Promise<void> {
    // One that is under way may have read what was published before.
    await this.flight;
    await (this.flight ?? this.begin());
    if (this.failure) throw this.unavailable(this.failure);
  }

  /** Whether the keys at hand may be used now. Starts their renewal if that is due. */
  isUsable(): boolean {
    if (!this.asOf) return false;
    const { maxAge, cooldown, staleIfError } = this.options;
    const age = since(this.asOf, this.clock);
    if (age < maxAge * RENEWED_FROM) return true;
    void this.renew();
    if (age < maxAge) return true;
    // An outage is one that was noticed lately: after a long silence the keys are asked for first.
    const isLately = since(this.lastFetch, this.clock) < Math.max(maxAge, LATELY * cooldown);
    return this.failure !== undefined && isLately && age < maxAge + staleIfError;
  }

  /** A new key may have been published. One fetch serves all that ask, and the next comes after the cooldown. */
  private async askFor(kid: string): Promise<void> {
    if (!this.failure) {
      const cooldowns = since(this.lastFetch, this.clock) / this.options.cooldown;
      if (cooldowns < 1 || (cooldowns < UNKNOWN_FOR && this.unknown.has(kid))) return;
    }
    await this.renew();
    if (this.failure || this.keys.has(kid)) return;
    if (this.unknown.size < MOST_UNKNOWN && kid.length <= LONGEST_UNKNOWN) this.unknown.add(kid);
  }

  /** One fetch at a time, and after one that failed a pause. What came of it is in this object. */
  private renew(): Promise<void> {
    if (this.flight) return this.flight;
    if (this.pause() > 0) return Promise.resolve();
    return this.begin();
  }

  private begin(): Promise<void> {
    this.flight = runOutsideRequests(() => this.fetchInTurn()).finally(() => (this.flight = undefined));
    return this.flight;
  }

  private async fetchInTurn(): Promise<void> {
    const failure = await this.fetch();
    this.lastFetch = now(this.clock);
    this.failures = failure ? this.failures + 1 : 0;
    this.failure = failure;
  }

  /** A fetch that counts for bad signatures alone. There is none soon after another of any kind. */
  private checkAgain(): Promise<unknown> {
    const isCoolingDown = [this.lastFetch, this.lastRecheck].some(
      (moment) => moment && since(moment, this.clock) < this.options.cooldown,
    );
    if (isCoolingDown && !this.recheck) return Promise.resolve();
    this.recheck ??= runOutsideRequests(() => this.fetch()).finally(() => {
      this.lastRecheck = now(this.clock);
      this.recheck = undefined;
    });
    return this.recheck;
  }

  /** @returns why it failed, if it did */
  private async fetch(): Promise<Error | undefined> {
    this.begun += 1;
    const [source, asOf] = [this.begun, now(this.clock)];
    try {
      const fetched = await this.fetchKeys();
      // Of two fetches at once, the one that began first may end last.
      if (source > this.source) this.replace(fetched, asOf);
      this.source = Math.max(source, this.source);
      return undefined;
    } catch (error) {
      this.events.next({ type: 'key-set-failed', issuer: this.issuer, error: error as Error });
      return error as Error;
    }
  }

  /** Milliseconds until the next fetch may be made. */
  private pause(): number {
    if (this.failures === 0) return 0;
    const pause = backoff(this.failures, FIRST_PAUSE, this.options.cooldown);
    return Math.max(0, pause - since(this.lastFetch, this.clock));
  }

  private replace(fetched: readonly VerificationKey[], asOf: Moment): void {
    const old = this.keys;
    this.keys = old.replacedBy(fetched);
    this.asOf = asOf;
    this.unknown.clear();
    const kids = { keys: this.keys.kids, withdrawn: old.withdrawFor(this.keys) };
    this.events.next({ type: 'key-set-fetched', issuer: this.issuer, ...kids });
  }

  private unavailable(cause: Error): KeysUnavailableError {
    const seconds = Math.max(1, Math.ceil(this.pause() / 1000));
    const message = `the keys of ${quoted(this.issuer)} cannot be had: ${quoted(cause.message)}`;
    return new KeysUnavailableError(message, seconds, { cause });
  }
}
