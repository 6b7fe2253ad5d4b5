import { LRUCache } from 'lru-cache';
import { entryLimit } from '../../collections/entry-limit.js';
import { getOrInsert } from '../../collections/get-or-insert.js';
import { isClientName } from '../../options/client-name.js';
import type { ResolvedClient, ResolvedClientOptions } from '../../options/resolved-options.js';
import type { Clock } from '../../time/clock.js';
import { askForClient } from './ask-for-client.js';
import type { ClientFactory, FoundClient } from './client-factory.js';
import { clientMissing, notAskable, unknownName } from './configuration-errors.js';
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
  /** Found clients that are alive no longer, while calls still wait for their tokens. */
  readonly #retired = new Set<OAuthClient>();
  readonly #byClient: ByClient<unknown>[] = [];

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
          accept: (answer, previous) => {
            const accepted = factory.accept(answer, previous, async () => this.of(answer.client.name));
            if (previous && previous.client.manager !== accepted.client.manager) this.#retire(previous.client);
            return accepted;
          },
          evicted: (name, found) => {
            this.#drop(name, found);
            this.#retire(found.client);
          },
          forgotten: (name, found) => {
            if (found) this.#drop(name, found);
            if (found) this.#discard(found.client);
            for (const client of this.#retired) if (client.name === name) this.#discard(client);
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
      this.#optionsOf(name);
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
    if (!isClientName(name)) notAskable(name);
    return this.#found.known(name)?.client ?? this.#found.find(name).then(({ client }) => client);
  }

  /** A client of the options. @throws M2MConfigurationError for a name that none of them has */
  ofOptions(name: string | undefined): OAuthClient {
    return getOrInsert(this.#ofOptions, name, () => this.#factory.make(this.#optionsOf(name)));
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

  /** Forgets a client that a function found, with its tokens. */
  forget(name: string): void {
    this.#found?.forget(name);
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
    const found = this.#found?.all().map(({ client }) => client) ?? [];
    const all = [...this.#ofOptions.values(), ...found, ...this.#retired];
    await Promise.all(all.map(({ manager }) => manager.close()));
  }

  #optionsOf(name: string | undefined): ResolvedClient {
    const options = this.#options ?? clientMissing();
    if (name === undefined) return options;
    return options.clients.get(name) ?? unknownName('client', name, [...options.clients.keys()]);
  }

  #drop(name: string, found: FoundClient): void {
    for (const values of this.#byClient) values.delete(name);
    this.#factory.forget(found);
  }

  /** Calls that wait for a token of a client get it, although the client goes. */
  #retire(client: OAuthClient): void {
    for (const each of this.#retired) if (!each.manager.isBusy) this.#retired.delete(each);
    if (client.manager.isBusy) this.#retired.add(client);
  }

  #discard(client: OAuthClient): void {
    this.#retired.delete(client);
    // A store that fails was reported.
    void client.manager.discard();
  }
}
