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
import type { M2MClientEvent } from './events/m2m-client-event.js';
import { RejectedTokens } from './requests/rejected-tokens.js';
import { TargetIndex } from './requests/target-index.js';
import { EndpointOutages } from './tokens/acquisition/endpoint-outages.js';
import type { TokenManager } from './tokens/token-manager.js';
import { createTokenManager } from './tokens/create-token-manager.js';
import { getOrInsert } from '../collections/get-or-insert.js';
import { TargetLog } from './events/target-log.js';
import { TokenLog } from './events/token-log.js';
import { warmUp } from './warm-up.js';

/** The token managers of an application's OAuth clients, from its start to its end. */
@Injectable()
export class TokenManagers implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #options: ResolvedOptions;
  readonly #create: (client: ResolvedClient) => TokenManager;
  readonly #events = new Subject<M2MClientEvent>();
  /** The events of all clients. What a subscriber throws is logged. */
  readonly events$: Observable<M2MClientEvent>;
  /** By the client's name. */
  readonly #managers = new Map<string | undefined, TokenManager>();
  /** The targets of all clients. */
  readonly targets: TargetIndex;
  /** Replaces tokens that targets reject. */
  readonly rejected: RejectedTokens;

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
    this.#create = (client) =>
      createTokenManager(client, {
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
        },
      });
    this.rejected = new RejectedTokens(clock, new TargetLog(logger, emit));
  }

  /** The token manager of a client. It is made at the first call. */
  of(client: ResolvedClient): TokenManager {
    return getOrInsert(this.#managers, client.name, () => this.#create(client));
  }

  /** Ends the pauses after failures of a client; of the module's own, those of all clients. */
  async retryNow({ name }: ResolvedClient): Promise<void> {
    const { client } = this.#options;
    const all = client ? [client, ...client.clients.values()] : [];
    const chosen = all.filter((each) => name === undefined || each.name === name);
    await Promise.all(chosen.map((each) => this.of(each).retryNow()));
  }

  /** Acquires the tokens of clients with `warmup`. @throws the error of a token that is required */
  async onApplicationBootstrap(): Promise<void> {
    if (this.#options.client) await warmUp(this.#options.client, (client) => this.of(client));
  }

  /** Ends all waits between attempts, and waits for the requests under way. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(Array.from(this.#managers.values(), (manager) => manager.close()));
    this.#events.complete();
  }
}
