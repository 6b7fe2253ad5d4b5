import { LRUCache } from 'lru-cache';
import { entryLimit } from '../../collections/entry-limit.js';
import { getOrInsert } from '../../collections/get-or-insert.js';
import { isClientName } from '../../options/client-name.js';
import type { FoundClientOptions, ResolvedClient, ResolvedClientOptions } from '../../options/resolved-options.js';
import type { Clock } from '../../time/clock.js';
import { askForClient } from './ask-for-client.js';
import type { ClientFactory, FoundClient } from './client-factory.js';
import { clientMissing, notAskable, notForgettable, unknownName } from './configuration-errors.js';
import { FoundClients, MOST_ALIVE } from './found-clients.js';
import type { OAuthClient } from './oauth-client.js';

/** Milliseconds between two lines about look-ups that fail. */
const LINE_PAUSE = 60_000;

/** Values by the name of a client, which go with it. */
export interface ByClient<Value> {
  get(name: string): Value | undefined;
  set(name: string, value: Value): unknown;
  delete(name: string): unknown;
}

/** The OAuth clients of an application: those of its options, and those that a function finds. */
export class ClientRegistry {
  readonly #options: ResolvedClientOptions | undefined;
  readonly #factory: ClientFactory;
  /** By name. */
  readonly #ofOptions = new Map<string | undefined, OAuthClient>();
  readonly #found: FoundClients<FoundClient> | undefined;
  /** Found clients that are alive no longer, while calls wait for their tokens, or tokens of them are kept. */
  readonly #retired = new Set<FoundClient>();
  readonly #byClient: ByClient<unknown>[] = [];
  #isClosed = false;

  constructor(options: ResolvedClientOptions | undefined, factory: ClientFactory, clock: Clock) {
    this.#options = options;
    this.#factory = factory;
    const resolver = options?.clientResolver;
    let quietUntil = -Infinity;
    this.#found =
      resolver &&
      new FoundClients<FoundClient>(
        {
          ask: (name) => askForClient(name, resolver, clock),
          accept: (answer, previous) => this.#accept(answer, previous),
          evicted: (name, found) => {
            this.#drop(name, found);
            this.#retire(found);
          },
          forgotten: (name, found) => {
            if (found) this.#drop(name, found);
            for (const each of [found ?? [], this.#retiredOf(name)].flat()) this.#discard(each);
          },
          failed: (name, error) => {
            if (clock.monotonic() < quietUntil) return;
            quietUntil = clock.monotonic() + LINE_PAUSE;
            factory.lookUpFailed(name, error);
          },
        },
        clock,
      );
  }

  /** @throws M2MConfigurationError for a name that no client can have */
  checkName(name: string): void {
    if (this.#found) {
      if (!isClientName(name)) notAskable(name);
    } else {
      this.#named(name);
    }
  }

  /**
   * A client; a promise if it has to be asked for. It is made at the first call.
   *
   * @param name `undefined`: the module's own
   * @throws M2MConfigurationError for a name that no client has
   */
  of(name: string | undefined): OAuthClient | Promise<OAuthClient> {
    if (name === undefined || !this.#found) return this.ofOptions(name);
    const known = this.#found.known(name);
    if (known) return known.client;
    this.checkName(name);
    const found = this.#found.find(name).then(({ client }) => client);
    // The call may end before.
    found.catch(() => undefined);
    return found;
  }

  /** A client of the options. @throws M2MConfigurationError for a name that none of them has */
  ofOptions(name: string | undefined): OAuthClient {
    return getOrInsert(this.#ofOptions, name, () => this.#opened(this.#factory.make(this.#optionsOf(name))));
  }

  /** A client that need not be asked for. */
  peek(name: string | undefined): OAuthClient | undefined {
    return name === undefined || !this.#found ? this.ofOptions(name) : this.#found.peek(name)?.client;
  }

  /** The clients that need not be asked for: the one of a name, or without a name all. */
  alive(name: string | undefined): readonly OAuthClient[] {
    if (name !== undefined) return [this.peek(name) ?? []].flat();
    const { clients = clientMissing() } = this.#options ?? {};
    const found = this.#found?.all().map(({ client }) => client) ?? [];
    return [...[undefined, ...clients.keys()].map((each) => this.ofOptions(each)), ...found];
  }

  /** Forgets a client that a function found, with its tokens. @throws M2MConfigurationError for one of the options */
  forget(name: string): void {
    this.checkName(name);
    if (!this.#found) notForgettable(name);
    this.#found.forget(name);
  }

  /** A place for values that are dropped if their client goes. */
  byClient<Value extends object>(): ByClient<Value> {
    if (!this.#found) return new Map<string, Value>();
    const values = new LRUCache<string, Value>(entryLimit(MOST_ALIVE));
    this.#byClient.push(values);
    return values;
  }

  /** Ends all waits between attempts, and waits for the requests under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const found = [...(this.#found?.all() ?? []), ...this.#retired].map(({ client }) => client);
    const all = [...this.#ofOptions.values(), ...found];
    await Promise.all(all.map(({ manager }) => manager.close()));
    this.#factory.close();
  }

  #optionsOf(name: string | undefined): ResolvedClient {
    return name === undefined ? (this.#options ?? clientMissing()) : this.#named(name);
  }

  #named(name: string): ResolvedClient {
    const { clients } = this.#options ?? clientMissing();
    return clients.get(name) ?? unknownName('client', name, [...clients.keys()]);
  }

  /** A client that is made after the end of the application is closed like those that were there. */
  #opened(client: OAuthClient): OAuthClient {
    if (this.#isClosed) void client.manager.close();
    return client;
  }

  /** A client that was evicted goes on if it is still busy: what it keeps would never learn of a newer answer. */
  #accept(answer: FoundClientOptions, alive: FoundClient | undefined): FoundClient {
    const { name } = answer.client;
    const previous = alive ?? this.#retiredOf(name).at(-1);
    const accepted = this.#factory.accept(answer, previous, async () => this.of(name));
    if (previous) {
      if (previous.client.manager === accepted.client.manager) this.#retired.delete(previous);
      else this.#retire(previous);
    }
    this.#opened(accepted.client);
    return accepted;
  }

  #drop(name: string, found: FoundClient): void {
    for (const values of this.#byClient) values.delete(name);
    this.#factory.forget(found);
  }

  /** Calls that wait for a token of a client get it, although the client goes. */
  #retire(found: FoundClient): void {
    for (const each of this.#retired) if (!each.client.manager.isBusy) this.#retired.delete(each);
    if (found.client.manager.isBusy) this.#retired.add(found);
  }

  #retiredOf(name: string | undefined): readonly FoundClient[] {
    return [...this.#retired].filter(({ client }) => client.name === name);
  }

  #discard(found: FoundClient): void {
    this.#retired.delete(found);
    // A store that fails was reported.
    void found.client.manager.discard();
  }
}
