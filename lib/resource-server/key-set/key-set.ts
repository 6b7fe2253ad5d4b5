import type { Clock } from '../../clock.js';
import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import { KeysUnavailableError } from '../../errors/keys-unavailable.error.js';
import type { ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import type { VerificationKey } from './verification-key.js';

/** The part of a set's age from which it is renewed in the background. */
const RENEW_FROM = 0.8;
const FIRST_PAUSE = 1000;
const MOST_UNKNOWN = 1000;
const LONGEST_REMEMBERED_KID = 256;

/** What a key set is fetched with, and whom it tells. */
export interface KeySetSource {
  readonly issuer: string;
  fetch(): Promise<readonly VerificationKey[]>;
  fetched(keys: readonly VerificationKey[], withdrawn: readonly VerificationKey[]): void;
  failed(error: Error): void;
}

/** The keys of one issuer: fetched as a whole, renewed before they are too old, and never replaced by nothing. */
export class KeySet {
  private keys: readonly VerificationKey[] = [];
  private fetchedAt: Moment | undefined;
  private attemptedAt: Moment | undefined;
  private failures = 0;
  private failure: Error | undefined;
  private flight: Promise<void> | undefined;
  /** What the last fetch did not find; a further fetch for it would be in vain. */
  private readonly unknown = new Set<string>();

  constructor(
    private readonly source: KeySetSource,
    private readonly options: ResolvedResourceServerOptions['keySet'],
    private readonly clock: Clock,
  ) {}

  /**
   * The key that a token names.
   *
   * @throws InvalidTokenError where the issuer has no such key, or it is not one for this algorithm
   * @throws KeysUnavailableError where that cannot be known now
   */
  async find(alg: string, kid: string | undefined): Promise<VerificationKey> {
    if (!this.isUsable()) await this.renew();
    if (!this.isUsable()) throw this.unavailable();
    if (this.named(kid).length === 0 && this.mayAskFor(kid)) await this.askFor(kid);
    const named = this.named(kid);
    if (named.length === 0) throw this.notFound();
    const fitting = named.filter(({ algorithms }) => algorithms.includes(alg));
    if (fitting.length === 1 && fitting[0]) return fitting[0];
    throw new InvalidTokenError('key', `${this.source.issuer} has ${fitting.length || 'no'} keys that fit the token`);
  }

  /** Whether the keys at hand may be used now. Sets their renewal off when it is time for it. */
  isUsable(): boolean {
    if (!this.fetchedAt) return false;
    const { maxAge, staleIfError } = this.options;
    const age = this.elapsed(this.fetchedAt);
    if (age < maxAge * RENEW_FROM) return true;
    if (this.elapsed(this.attemptedAt) >= this.pause()) void this.renew();
    return age < maxAge || (this.failedWithin(maxAge) && age < maxAge + staleIfError);
  }

  /** Fetches the keys if there are none. @throws KeysUnavailableError */
  async warmUp(): Promise<void> {
    if (!this.isUsable()) await this.renew();
    if (!this.isUsable()) throw this.unavailable();
  }

  /** One fetch, however many ask for it. What came of it is in this object. */
  private renew(): Promise<void> {
    if (this.flight) return this.flight;
    if (this.failures > 0 && this.elapsed(this.attemptedAt) < this.pause()) return Promise.resolve();
    this.attemptedAt = this.now();
    this.flight = this.source
      .fetch()
      .then(
        (keys) => this.accept(keys),
        (error: Error) => this.fail(error),
      )
      .finally(() => (this.flight = undefined));
    return this.flight;
  }

  private accept(fetched: readonly VerificationKey[]): void {
    const old = this.keys;
    this.keys = fetched.map((key) => old.find((known) => known.equals(key)) ?? key);
    const withdrawn = old.filter((key) => !this.keys.includes(key));
    for (const key of withdrawn) key.withdrawn = true;
    this.fetchedAt = this.attemptedAt;
    this.failures = 0;
    this.failure = undefined;
    this.unknown.clear();
    this.source.fetched(this.keys, withdrawn);
  }

  private fail(error: Error): void {
    this.failures += 1;
    this.failure = error;
    this.source.failed(error);
  }

  private named(kid: string | undefined): readonly VerificationKey[] {
    return kid === undefined ? this.keys : this.keys.filter((key) => key.kid === kid);
  }

  private mayAskFor(kid = ''): boolean {
    const wait = this.failures > 0 ? this.pause() : this.options.cooldown;
    return this.flight !== undefined || (!this.unknown.has(kid) && this.elapsed(this.attemptedAt) >= wait);
  }

  private async askFor(kid = ''): Promise<void> {
    await this.renew();
    const remembered = this.failures === 0 && kid.length <= LONGEST_REMEMBERED_KID && this.unknown.size < MOST_UNKNOWN;
    if (remembered && this.named(kid).length === 0) this.unknown.add(kid);
  }

  private notFound(): Error {
    if (this.failures > 0) return this.unavailable();
    return new InvalidTokenError('key', `${this.source.issuer} publishes no key of this kid`);
  }

  private unavailable(): KeysUnavailableError {
    const wait = Math.ceil((this.pause() - this.elapsed(this.attemptedAt)) / 1000);
    const message = `the keys of ${this.source.issuer} cannot be had: ${this.failure?.message ?? 'not fetched yet'}`;
    return new KeysUnavailableError(message, Math.max(1, wait));
  }

  /** Milliseconds between a failed attempt and the next. */
  private pause(): number {
    return this.failures === 0 ? 0 : Math.min(this.options.cooldown, FIRST_PAUSE * 2 ** (this.failures - 1));
  }

  private failedWithin(milliseconds: number): boolean {
    return this.failures > 0 && this.elapsed(this.attemptedAt) < milliseconds;
  }

  private now(): Moment {
    return { wall: this.clock.wall(), monotonic: this.clock.monotonic() };
  }

  /** By whichever clock has moved further: one stops while the machine is suspended, the other can be set back. */
  private elapsed(since: Moment | undefined): number {
    if (!since) return Infinity;
    return Math.max(this.clock.wall() - since.wall, this.clock.monotonic() - since.monotonic);
  }
}

interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}
