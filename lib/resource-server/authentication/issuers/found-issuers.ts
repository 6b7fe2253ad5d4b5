import { LRUCache } from 'lru-cache';
import { entryLimit } from '../../../collections/entry-limit.js';
import { KeysUnavailableError } from '../../../errors/keys-unavailable.error.js';
import { quoted } from '../../../events/log-text.js';
import type { ResolvedIssuer } from '../../../options/resolved-options.js';
import { runOutsideRequests } from '../../../request-context/request-context.js';
import type { Clock } from '../../../time/clock.js';
import { now, since, type Moment } from '../../../time/moment.js';
import { Lanes } from '../lanes.js';
import { RateLimit } from './rate-limit.js';

/**
 * Milliseconds after which an issuer is asked for again, for which the answer before counts meanwhile, and for which the
 * last answer counts if it cannot be asked for.
 */
const FRESH = 60_000;
const LATE = 2 * FRESH;
const LONGEST = 300_000;
/** Milliseconds for which an issuer that is not accepted is not asked for again. */
const MISS = 30_000;
/** Milliseconds without a look-up of a known issuer after one that failed. */
const PAUSE = 1000;
/** Issuers that are remembered. Misses, which anybody can cause, live apart from hits. */
const MOST_HITS = 10_000;
const MOST_MISSES = 1000;
/** Look-ups of unknown issuers in a second. */
const MOST_NEW = 20;
/** How many run at once, and wait. */
const LOOK_UPS = { most: 4, mostUnknown: 3, longestWait: 2000, mostWaiting: 1000 };

/** What is made of an issuer that was found, to verify its tokens with. */
interface Found {
  readonly options: ResolvedIssuer;
}

interface Hit<Issuer> {
  readonly issuer: Issuer;
  /** When the function was asked. */
  readonly asOf: Moment;
  /** Why it could not be asked for again. */
  failure?: { readonly error: Error; readonly at: Moment };
}

interface Flight<Issuer> {
  result?: Promise<Issuer | undefined>;
  /** Names that were forgotten meanwhile: which ones the answer has is not known yet. */
  readonly forgotten: Set<string>;
}

/** How issuers are found. */
export interface IssuerSource<Issuer> {
  /** Asks for an issuer; `undefined` if its tokens are not accepted. */
  ask(issuer: string): Promise<ResolvedIssuer | undefined>;
  /**
   * Makes what its tokens are verified with.
   *
   * @param previous what was made of the answer before
   * @param isAccepted whether its tokens are still accepted
   */
  accept(options: ResolvedIssuer, previous: Issuer | undefined, isAccepted: () => boolean): Issuer;
  /** Hears of the first failure to ask for a known issuer again. */
  failed(issuer: string, error: Error): void;
}

/** The issuers that a function finds at run time. There are limits, because anybody can send a token of any issuer. */
export class FoundIssuers<Issuer extends Found> {
  private readonly hits = new LRUCache<string, Hit<Issuer>>(entryLimit(MOST_HITS));
  private readonly misses = new LRUCache<string, Moment>(entryLimit(MOST_MISSES));
  private readonly flights = new Map<string, Flight<Issuer>>();
  private readonly lanes: Lanes;
  private readonly newOnes: RateLimit;

  constructor(
    private readonly source: IssuerSource<Issuer>,
    private readonly clock: Clock,
  ) {
    this.lanes = new Lanes(LOOK_UPS, clock);
    this.newOnes = new RateLimit(MOST_NEW, clock);
  }

  /** An issuer that is accepted without waiting. Starts its next look-up if that is due. */
  known(name: string): Issuer | undefined {
    const hit = this.hits.get(name);
    if (!hit) return undefined;
    const age = since(hit.asOf, this.clock);
    if (age >= FRESH && !this.flights.has(name) && !this.recentFailure(hit)) void this.ask(name).catch(() => undefined);
    return this.counts(hit) ? hit.issuer : undefined;
  }

  /** Whether an issuer is known not to be accepted. */
  isMissing(name: string): boolean {
    const at = this.misses.get(name);
    return at !== undefined && since(at, this.clock) < MISS;
  }

  /**
   * An issuer; `undefined` if its tokens are not accepted.
   *
   * @throws KeysUnavailableError if that cannot be known now
   */
  async find(name: string): Promise<Issuer | undefined> {
    const known = this.known(name);
    if (known || this.isMissing(name)) return known;
    const hit = this.hits.get(name);
    const failure = hit && this.recentFailure(hit);
    if (failure) throw failure;
    return this.ask(name);
  }

  /**
   * Forgets an issuer, by any of its names: its keys, the tokens that were verified with them, and answers on their way.
   * The next token has it asked for again.
   */
  forget(name: string): void {
    for (const flight of this.flights.values()) flight.forgotten.add(name);
    const names = [...this.hits.entries()].filter(([, hit]) =>
      hit.issuer.options.authorizationServer.acceptedIssuers.includes(name),
    );
    for (const forgotten of [name, ...names.map(([key]) => key)]) {
      this.misses.delete(forgotten);
      this.hits.delete(forgotten);
      this.flights.delete(forgotten);
    }
  }

  /** Those that are accepted now. The others go, so that their keys are not used once more when they are found again. */
  all(): readonly Issuer[] {
    const late = [...this.hits.entries()].filter(([, hit]) => !this.counts(hit));
    for (const [name] of late) this.hits.delete(name);
    return [...this.hits.values()].map(({ issuer }) => issuer);
  }

  /** One flight for each issuer. */
  private ask(name: string): Promise<Issuer | undefined> {
    const existing = this.flights.get(name)?.result;
    if (existing) return existing;
    const isKnown = this.hits.has(name);
    if (!isKnown && !this.newOnes.admit()) {
      return this.crowdedOut(name, `${MOST_NEW} new issuers are looked up in a second, and no more`);
    }
    const flight: Flight<Issuer> = { forgotten: new Set() };
    this.flights.set(name, flight);
    flight.result = runOutsideRequests(() => this.lookUp(name, isKnown, flight));
    return flight.result;
  }

  private async lookUp(name: string, isKnown: boolean, flight: Flight<Issuer>): Promise<Issuer | undefined> {
    let answered: { readonly options: ResolvedIssuer | undefined; readonly asOf: Moment } | undefined;
    let failure: Error | undefined;
    try {
      answered = await this.lanes.run(isKnown ? 'known' : 'unknown', async () => {
        const asOf = now(this.clock);
        return { options: await this.source.ask(name), asOf };
      });
    } catch (error) {
      failure = error as Error;
    }
    // What was forgotten meanwhile is asked for anew: an older answer never takes the place of a newer one.
    const isLatest = this.flights.get(name) === flight;
    if (isLatest) this.flights.delete(name);
    const names = answered?.options?.authorizationServer.acceptedIssuers ?? [];
    if (!isLatest || names.some((each) => flight.forgotten.has(each))) return this.find(name);
    if (!answered && !failure && !isKnown) return this.crowdedOut(name, 'too many look-ups are under way');
    if (!answered) return this.failed(name, failure);
    return answered.options ? this.accept(name, answered.options, answered.asOf) : this.refuse(name, answered.asOf);
  }

  private accept(name: string, options: ResolvedIssuer, asOf: Moment): Issuer {
    const previous = this.hits.get(name)?.issuer;
    const issuer: Issuer = this.source.accept(options, previous, () => this.known(name) === issuer);
    this.misses.delete(name);
    this.hits.set(name, { issuer, asOf });
    return issuer;
  }

  private refuse(name: string, asOf: Moment): undefined {
    // Its keys, and the tokens that were verified with them, go with it, also those by another of its names.
    if (this.hits.has(name)) this.forget(name);
    this.misses.set(name, asOf);
  }

  /**
   * Anybody can use up the look-ups of new issuers. One that was not accepted lately is still not: with `M2MGuard.or` it may
   * be the issuer of the users, who would be shut out.
   */
  private async crowdedOut(name: string, why: string): Promise<undefined> {
    const at = this.misses.get(name);
    if (!at || since(at, this.clock) >= LONGEST) throw unavailable(name, why);
  }

  /** @throws KeysUnavailableError if the last answer does not count any more */
  private failed(name: string, cause: Error | undefined): Issuer {
    const error = unavailable(name, cause?.message ?? 'too many look-ups are under way', cause);
    const hit = this.hits.get(name);
    if (!hit) throw error;
    if (!hit.failure) this.source.failed(name, error);
    hit.failure = { error, at: now(this.clock) };
    if (this.counts(hit)) return hit.issuer;
    throw error;
  }

  /** After a silence there is nothing to go by: what was answered minutes ago counts only if nothing newer can be had. */
  private counts({ asOf, failure }: Hit<Issuer>): boolean {
    return since(asOf, this.clock) < (failure ? LONGEST : LATE);
  }

  private recentFailure({ failure }: Hit<Issuer>): Error | undefined {
    return failure && since(failure.at, this.clock) < PAUSE ? failure.error : undefined;
  }
}

/** The name is quoted: nobody has verified it. */
function unavailable(name: string, why: string, cause?: Error): KeysUnavailableError {
  return new KeysUnavailableError(`the issuer ${quoted(name)} cannot be looked up: ${why}`, 1, { cause });
}
