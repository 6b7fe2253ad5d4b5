import { LRUCache } from 'lru-cache';
import { entryLimit } from '../../collections/entry-limit.js';
import type { FoundClientOptions } from '../../options/resolved-options.js';
import { runOutsideRequests } from '../../request-context/request-context.js';
import type { Clock } from '../../time/clock.js';
import { now, since, type Moment } from '../../time/moment.js';
import { clientNotFound } from './configuration-errors.js';

/** Milliseconds after which a client is asked for again in the background. */
const ASK_AGAIN = 45_000;
/** Milliseconds for which an answer counts, and for which it counts if the function fails: nothing newer can be had then. */
const FRESH = 60_000;
const LONGEST = 300_000;
/** Milliseconds for which a name that has no client is not asked for again. */
const MISS = 30_000;
/** Milliseconds without a look-up of a known client after one that failed. */
const PAUSE = 1000;
/** Clients that are alive. Misses live apart from them. */
export const MOST_ALIVE = 1000;
const MOST_MISSES = 1000;

interface Hit<Client> {
  readonly client: Client;
  /** When the function was asked. */
  readonly asOf: Moment;
  /** Why it could not be asked for again. */
  failure?: { readonly error: Error; readonly at: Moment };
}

/** How clients are found, and what becomes of them. */
export interface ClientSource<Client> {
  /** Asks for a client; `undefined` if there is none. */
  ask(name: string): Promise<FoundClientOptions | undefined>;
  /** Makes a client of an answer, or keeps the one that was made of the answer before. */
  accept(options: FoundClientOptions, previous: Client | undefined): Client;
  /** A client goes, because others were used later. */
  evicted(name: string, client: Client): void;
  /** A name has no client any more. */
  forgotten(name: string, client: Client | undefined): void;
  /** A client that is alive could not be asked for again, for the first time. */
  failed(name: string, error: Error): void;
}

/** The clients that a function finds at run time, as long as they are used. */
export class FoundClients<Client> {
  readonly #hits = new LRUCache<string, Hit<Client>>({
    ...entryLimit(MOST_ALIVE),
    dispose: ({ client }, name, reason) => {
      if (reason === 'evict') this.source.evicted(name, client);
    },
  });
  readonly #misses = new LRUCache<string, Moment>(entryLimit(MOST_MISSES));
  /** One for each name. */
  readonly #flights = new Map<string, Promise<Client>>();

  constructor(
    private readonly source: ClientSource<Client>,
    private readonly clock: Clock,
  ) {}

  /** A client that is there without waiting. Starts its next look-up if that is due. */
  known(name: string): Client | undefined {
    const hit = this.#hits.get(name);
    if (!hit) return undefined;
    const age = since(hit.asOf, this.clock);
    if (age >= ASK_AGAIN && !this.#flights.has(name) && this.#recentFailure(hit) === undefined) {
      this.#ask(name).catch(() => undefined);
    }
    return age < (hit.failure ? LONGEST : FRESH) ? hit.client : undefined;
  }

  /**
   * A client.
   *
   * @throws M2MConfigurationError if there is none, CallbackError if that cannot be known now
   */
  async find(name: string): Promise<Client> {
    const known = this.known(name);
    if (known !== undefined) return known;
    const missedAt = this.#misses.get(name);
    if (missedAt && since(missedAt, this.clock) < MISS) throw clientNotFound(name);
    const hit = this.#hits.get(name);
    const failure = hit && this.#recentFailure(hit);
    if (failure !== undefined) throw failure;
    return this.#ask(name);
  }

  /** A client that is alive, without using it. */
  peek(name: string): Client | undefined {
    return this.#hits.peek(name)?.client;
  }

  /** Forgets a client, and an answer that is on its way. The next call has it asked for again. */
  forget(name: string): void {
    this.#flights.delete(name);
    this.#misses.delete(name);
    const hit = this.#hits.peek(name);
    this.#hits.delete(name);
    this.source.forgotten(name, hit?.client);
  }

  /** Those that are alive. */
  all(): readonly Client[] {
    return Array.from(this.#hits.values(), ({ client }) => client);
  }

  #ask(name: string): Promise<Client> {
    const existing = this.#flights.get(name);
    if (existing) return existing;
    const isLatest = (): boolean => this.#flights.get(name) === flight;
    const flight: Promise<Client> = runOutsideRequests(() => this.#lookUp(name, isLatest));
    this.#flights.set(name, flight);
    return flight;
  }

  /** @param isLatest whether the client was not forgotten meanwhile: an older answer takes the place of no newer one */
  async #lookUp(name: string, isLatest: () => boolean): Promise<Client> {
    const asOf = now(this.clock);
    let options: FoundClientOptions | undefined;
    try {
      options = await this.source.ask(name);
      if (!isLatest()) return await this.find(name);
      if (options) return this.#accept(name, options, asOf);
    } catch (error) {
      if (!isLatest()) throw error;
      return this.#failed(name, error as Error);
    } finally {
      if (isLatest()) this.#flights.delete(name);
    }
    this.forget(name);
    this.#misses.set(name, asOf);
    throw clientNotFound(name);
  }

  #accept(name: string, options: FoundClientOptions, asOf: Moment): Client {
    const client = this.source.accept(options, this.#hits.peek(name)?.client);
    this.#misses.delete(name);
    this.#hits.set(name, { client, asOf });
    return client;
  }

  /** @throws the error if no answer before counts any more */
  #failed(name: string, error: Error): Client {
    const hit = this.#hits.peek(name);
    if (!hit) throw error;
    if (!hit.failure) this.source.failed(name, error);
    hit.failure = { error, at: now(this.clock) };
    if (since(hit.asOf, this.clock) < LONGEST) return hit.client;
    throw error;
  }

  #recentFailure({ failure }: Hit<Client>): Error | undefined {
    return failure && since(failure.at, this.clock) < PAUSE ? failure.error : undefined;
  }
}
