import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';
import { isolateSubscribers } from '../events/isolate-subscribers.js';
import { subscriberFailed } from '../events/log-text.js';
import { safeLogger } from '../events/safe-logger.js';
import { EndpointResolver } from '../authorization-servers/endpoint-resolver.js';
import type { Clock } from '../time/clock.js';
import { AuthorizationServerHttp } from '../http/authorization-server-http.js';
import { M2M_CLOCK, M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedClient, ResolvedOptions } from '../options/resolved-options.js';
import { clientMissing, unknownName } from './clients/configuration-errors.js';
import { OAuthClient } from './clients/oauth-client.js';
import type { M2MClientEvent } from './events/m2m-client-event.js';
import { RejectedTokens } from './requests/rejected-tokens.js';
import { TargetIndex } from './requests/target-index.js';
import { EndpointOutages } from './tokens/acquisition/endpoint-outages.js';
import { createTokenManager } from './tokens/create-token-manager.js';
import { getOrInsert } from '../collections/get-or-insert.js';
import { TargetLog } from './events/target-log.js';
import { TokenLog } from './events/token-log.js';
import { warmUp } from './warm-up.js';

/** The token managers of an application's OAuth clients, from its start to its end. */
@Injectable()
export class TokenManagers implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #options: ResolvedOptions;
  readonly #create: (client: ResolvedClient) => OAuthClient;
  readonly #events = new Subject<M2MClientEvent>();
  /** The events of all clients. What a subscriber throws is logged. */
  readonly events$: Observable<M2MClientEvent>;
  /** By name. */
  readonly #clients = new Map<string | undefined, OAuthClient>();
  /** The targets of all clients. */
  readonly targets: TargetIndex;

  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions,
    @Inject(AuthorizationServerHttp) http: AuthorizationServerHttp,
    @Inject(EndpointResolver) endpoints: EndpointResolver,
    @Inject(M2M_CLOCK) readonly clock: Clock,
  ) {
    const emit = (event: M2MClientEvent): void => this.#events.next(event);
    const logger = safeLogger('M2MClientService');
    this.#options = options;
    this.targets = new TargetIndex(options.client?.targets ?? []);
    this.events$ = isolateSubscribers(this.#events, (thrown) => logger.error(subscriberFailed(thrown)));
    const outages = new EndpointOutages(clock);
    const log = new TokenLog(logger, clock);
    const makeRejected = (): RejectedTokens => new RejectedTokens(clock, new TargetLog(logger, emit));
    this.#create = (client) => {
      const manager = createTokenManager(client, {
        http,
        endpoints,
        clock,
        outages,
        emit: (event) => {
          log.event(client, event);
          emit(event);
        },
        watch: {
          called: (requested, error) => log.called(client, requested, error),
          storeRecovered: () => log.storeRecovered(client),
          subscriberFailed: (thrown) => logger.error(subscriberFailed(thrown, 'changes$')),
          credentialRecovered: () => log.credentialRecovered(client),
        },
      });
      return new OAuthClient(client, manager, makeRejected);
    };
  }

  /** @throws M2MConfigurationError for a name that no client of the options has */
  checkName(name: string): void {
    const known = this.#options.client?.clients;
    if (!known?.has(name)) unknownName('client', name, [...(known?.keys() ?? [])]);
  }

  /**
   * A client. It is made at the first call.
   *
   * @param name `undefined`: the module's own
   * @throws M2MConfigurationError for a name that no client of the options has
   */
  of(name: string | undefined): OAuthClient {
    return getOrInsert(this.#clients, name, () => this.#create(this.#optionsOf(name)));
  }

  #optionsOf(name: string | undefined): ResolvedClient {
    const { client = clientMissing() } = this.#options;
    if (name === undefined) return client;
    return client.clients.get(name) ?? unknownName('client', name, [...client.clients.keys()]);
  }

  /** Ends the pauses after failures of a client; of the module's own, those of all clients. */
  async retryNow(name: string | undefined): Promise<void> {
    const names = name === undefined ? [undefined, ...(this.#options.client?.clients.keys() ?? [])] : [name];
    await Promise.all(names.map((each) => this.of(each).manager.retryNow()));
  }

  /** Acquires the tokens of clients with `warmup`. @throws the error of a token that is required */
  async onApplicationBootstrap(): Promise<void> {
    if (this.#options.client) await warmUp(this.#options.client, (name) => this.of(name));
  }

  /** Ends all waits between attempts, and waits for the requests under way. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(Array.from(this.#clients.values(), ({ manager }) => manager.close()));
    this.#events.complete();
  }
}
