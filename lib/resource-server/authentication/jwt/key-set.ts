import type { Subject } from 'rxjs';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import { KeysUnavailableError } from '../../../errors/keys-unavailable.error.js';
import type { ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import { backoff } from '../../../time/backoff.js';
import type { Clock } from '../../../time/clock.js';
import { now, since, type Moment } from '../../../time/moment.js';
import type { M2MResourceServerEvent } from '../../events/m2m-resource-server-event.js';
import type { VerificationKey } from './verification-key.js';

/** The part of its life after which a key set is renewed in the background. */
const RENEWED_FROM = 0.8;
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
  private keys: readonly VerificationKey[] = [];
  private asOf: Moment | undefined;
  private flight: Promise<void> | undefined;
  /** Why the last fetch failed; `undefined` if it did not. */
  private failure: Error | undefined;
  private failures = 0;
  private lastFetch: Moment;
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

  /** The key that a token was signed with, if it is known without waiting. */
  known(alg: string, kid: string | undefined): VerificationKey | undefined {
    return this.isUsable() ? onlyOne(this.fitting(alg, kid)) : undefined;
  }

  /**
   * The key that a token was signed with, as its header says.
   *
   * @throws InvalidTokenError if the issuer has no such key, or not for this algorithm
   * @throws KeysUnavailableError if that cannot be known now
   */
  async find(alg: string, kid: string | undefined): Promise<VerificationKey> {
    await this.ready();
    if (kid !== undefined && this.named(kid).length === 0) await this.askFor(kid);
    const fitting = this.fitting(alg, kid);
    const key = onlyOne(fitting);
    if (key) return key;
    if (this.failure && this.named(kid).length === 0) throw this.unavailable(this.failure);
    const count = fitting.length > 0 ? 'several keys' : 'no key';
    throw new InvalidTokenError('key', `${this.issuer} publishes ${count} that the token may be signed with`);
  }

  /** Fetches the keys if there are none that may be used. @throws KeysUnavailableError */
  async ready(): Promise<void> {
    if (this.isUsable()) return;
    await this.renew();
    if (this.failure && !this.isUsable()) throw this.unavailable(this.failure);
  }

  /** Whether the keys at hand may be used now. Sets their renewal off when it is time for it. */
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
    if (this.failure || this.named(kid).length > 0) return;
    if (this.unknown.size < MOST_UNKNOWN && kid.length <= LONGEST_UNKNOWN) this.unknown.add(kid);
  }

  /** One fetch at a time, and after one that failed a pause. What came of it is in this object. */
  private renew(): Promise<void> {
    if (this.flight) return this.flight;
    if (this.pause() > 0) return Promise.resolve();
    this.flight = this.fetch().finally(() => (this.flight = undefined));
    return this.flight;
  }

  private async fetch(): Promise<void> {
    const asOf = now(this.clock);
    try {
      this.replace(await this.fetchKeys(), asOf);
      this.ended(undefined);
    } catch (error) {
      this.ended(error as Error);
      this.events.next({ type: 'key-set-failed', issuer: this.issuer, error: error as Error });
    }
  }

  private ended(failure: Error | undefined): void {
    this.lastFetch = now(this.clock);
    this.failures = failure ? this.failures + 1 : 0;
    this.failure = failure;
  }

  /** Milliseconds until the next fetch may be made. */
  private pause(): number {
    if (this.failures === 0) return 0;
    const pause = backoff(this.failures, FIRST_PAUSE, this.options.cooldown);
    return Math.max(0, pause - since(this.lastFetch, this.clock));
  }

  private replace(fetched: readonly VerificationKey[], asOf: Moment): void {
    const old = this.keys;
    const known = new Map(old.map((key) => [key.identity, key]));
    this.keys = fetched.map((key) => known.get(key.identity) ?? key);
    const kept = new Set(this.keys);
    const withdrawn = old.filter((key) => !kept.has(key));
    for (const key of withdrawn) key.withdrawn = true;
    this.asOf = asOf;
    this.unknown.clear();
    const kids = { keys: this.keys.map(kidOf), withdrawn: withdrawn.map(kidOf) };
    this.events.next({ type: 'key-set-fetched', issuer: this.issuer, ...kids });
  }

  private fitting(alg: string, kid: string | undefined): readonly VerificationKey[] {
    return this.named(kid).filter(({ algorithms }) => algorithms.includes(alg));
  }

  private named(kid: string | undefined): readonly VerificationKey[] {
    return kid === undefined ? this.keys : this.keys.filter((key) => key.kid === kid);
  }

  private unavailable(cause: Error): KeysUnavailableError {
    const seconds = Math.max(1, Math.ceil(this.pause() / 1000));
    const message = `the keys of ${this.issuer} cannot be had: ${cause.message}`;
    return new KeysUnavailableError(message, seconds, { cause });
  }
}

/** The one key among those that fit a token, which may be published more than once: with its `alg` and without, say. */
function onlyOne([key, ...others]: readonly VerificationKey[]): VerificationKey | undefined {
  return key && others.every((other) => other.isSameKey(key)) ? key : undefined;
}

const kidOf = ({ kid }: VerificationKey): string | undefined => kid;
