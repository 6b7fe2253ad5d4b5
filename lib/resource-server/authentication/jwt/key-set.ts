import type { Clock } from '../../../time/clock.js';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import { KeysUnavailableError } from '../../../errors/keys-unavailable.error.js';
import type { ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import { FetchAttempts } from './fetch-attempts.js';
import { now, since, type Moment } from '../../../time/moment.js';
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

/** Where a key set comes from, and who is told what came of it. */
export interface KeySetSource {
  readonly issuer: string;
  fetch(): Promise<readonly VerificationKey[]>;
  fetched(keys: readonly VerificationKey[], withdrawn: readonly VerificationKey[]): void;
  failed(error: Error): void;
}

/** The keys of one issuer: fetched as a whole, renewed before they are too old, and never replaced by nothing. */
export class KeySet {
  private keys: readonly VerificationKey[] = [];
  private asOf: Moment | undefined;
  private flight: Promise<void> | undefined;
  private readonly attempts: FetchAttempts;
  /** The `kid`s that the last fetch did not find: to fetch for them again would be in vain. */
  private readonly unknown = new Set<string>();

  constructor(
    private readonly source: KeySetSource,
    private readonly options: ResolvedResourceServerOptions['keySet'],
    private readonly clock: Clock,
  ) {
    this.attempts = new FetchAttempts(options.cooldown, clock);
  }

  /** The key that a token was signed with, if that can be told without waiting. */
  known(alg: string, kid: string | undefined): VerificationKey | undefined {
    if (!this.isUsable()) return undefined;
    return onlyOne(this.fitting(alg, kid));
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
    const { failure } = this.attempts;
    if (failure && this.named(kid).length === 0) throw this.unavailable(failure);
    const count = fitting.length > 0 ? 'several keys' : 'no key';
    throw new InvalidTokenError('key', `${this.source.issuer} publishes ${count} that the token may be signed with`);
  }

  /** Fetches the keys if there are none that may be used. @throws KeysUnavailableError */
  async ready(): Promise<void> {
    if (this.isUsable()) return;
    await this.renew();
    const { failure } = this.attempts;
    if (failure && !this.isUsable()) throw this.unavailable(failure);
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
    const isLately = this.attempts.elapsed() < Math.max(maxAge, LATELY * cooldown);
    return this.attempts.failure !== undefined && isLately && age < maxAge + staleIfError;
  }

  /** A new key may have been published. One fetch serves all that ask, and the next comes after the cooldown. */
  private async askFor(kid: string): Promise<void> {
    if (!this.attempts.failure) {
      const cooldowns = this.attempts.elapsed() / this.options.cooldown;
      if (cooldowns < 1 || (cooldowns < UNKNOWN_FOR && this.unknown.has(kid))) return;
    }
    await this.renew();
    if (this.attempts.failure || this.named(kid).length > 0) return;
    if (this.unknown.size < MOST_UNKNOWN && kid.length <= LONGEST_UNKNOWN) this.unknown.add(kid);
  }

  /** One fetch at a time, and after one that failed a pause. What came of it is in this object. */
  private renew(): Promise<void> {
    if (this.flight) return this.flight;
    if (this.attempts.wait() > 0) return Promise.resolve();
    this.flight = this.fetch().finally(() => (this.flight = undefined));
    return this.flight;
  }

  private async fetch(): Promise<void> {
    const asOf = now(this.clock);
    try {
      this.replace(await this.source.fetch(), asOf);
      this.attempts.ended();
    } catch (error) {
      this.attempts.ended(error as Error);
      this.source.failed(error as Error);
    }
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
    this.source.fetched(this.keys, withdrawn);
  }

  private fitting(alg: string, kid: string | undefined): readonly VerificationKey[] {
    return this.named(kid).filter(({ algorithms }) => algorithms.includes(alg));
  }

  private named(kid: string | undefined): readonly VerificationKey[] {
    return kid === undefined ? this.keys : this.keys.filter((key) => key.kid === kid);
  }

  private unavailable(cause: Error): KeysUnavailableError {
    const seconds = Math.max(1, Math.ceil(this.attempts.wait() / 1000));
    return new KeysUnavailableError(`the keys of ${this.source.issuer} cannot be had: ${cause.message}`, seconds, {
      cause,
    });
  }
}

/** The one key among those that fit a token, which may be published more than once: with its `alg` and without, say. */
function onlyOne([key, ...others]: readonly VerificationKey[]): VerificationKey | undefined {
  return key && others.every((other) => other.isSameKey(key)) ? key : undefined;
}
