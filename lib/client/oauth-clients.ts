import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';
import { isolateSubscribers } from '../events/isolate-subscribers.js';
import { identifiedLogger } from '../events/identified-logger.js';
import { LOG_IDS } from '../events/log-ids.js';
import { subscriberFailed } from '../events/log-text.js';
import { EndpointResolver } from '../authorization-servers/endpoint-resolver.js';
import type { Clock } from '../time/clock.js';
import { AuthorizationServerHttp } from '../http/authorization-server-http.js';
import { M2M_CLOCK, M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { ClientFactory } from './clients/client-factory.js';
import { ClientRegistry } from './clients/client-registry.js';
import type { OAuthClient } from './clients/oauth-client.js';
import type { M2MClientEvent } from './events/m2m-client-event.js';
import { TargetIndex } from './requests/target-index.js';
import { warmUp } from './warm-up.js';

/** The OAuth clients of an application with their targets and events, from its start to its end. */
@Injectable()
export class OAuthClients implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #options: ResolvedOptions;
  readonly #events = new Subject<M2MClientEvent>();
  /** The events of all clients. What a subscriber throws is logged. */
  readonly events$: Observable<M2MClientEvent>;
  readonly registry: ClientRegistry;
  /** The targets of all clients. */
  readonly targets: TargetIndex;

  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions,
    @Inject(AuthorizationServerHttp) http: AuthorizationServerHttp,
    @Inject(EndpointResolver) endpoints: EndpointResolver,
    @Inject(M2M_CLOCK) readonly clock: Clock,
  ) {
    const emit = (event: M2MClientEvent): void => this.#events.next(event);
    const logger = identifiedLogger('M2MClientService');
    const { client } = options;
    const allowedHosts = client?.clientResolver?.allowedHosts ?? [];
    this.#options = options;
    this.targets = new TargetIndex(client?.targets ?? []);
    this.events$ = isolateSubscribers(this.#events, (thrown) =>
      logger.error(LOG_IDS.CLIENT_SUBSCRIBER_FAILS, subscriberFailed(thrown)),
    );
    const factory = new ClientFactory({ http, endpoints, clock, logger, allowedHosts, emit });
    this.registry = new ClientRegistry(client, factory, clock);
  }

  /**
   * A client; a promise if it has to be asked for.
   *
   * @param name `undefined`: the module's own
   * @throws M2MConfigurationError for a name that no client has
   */
  of(name: string | undefined): OAuthClient | Promise<OAuthClient> {
    return this.registry.of(name);
  }

  /** Ends the pauses after failures of a client; of the module's own, those of all clients. */
  async retryNow(name: string | undefined): Promise<void> {
    await Promise.all(this.registry.alive(name).map(({ manager }) => manager.retryNow()));
  }

  /** Acquires the tokens of clients with `warmup`. @throws the error of a token that is required */
  async onApplicationBootstrap(): Promise<void> {
    if (this.#options.client) await warmUp(this.#options.client, (name) => this.registry.ofOptions(name));
  }

  /** Ends all waits between attempts, and waits for the requests under way. */
  async onApplicationShutdown(): Promise<void> {
    await this.registry.close();
    this.#events.complete();
  }
}
