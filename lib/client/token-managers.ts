import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';
import { EndpointResolver } from '../authorization-servers/endpoint-resolver.js';
import type { Clock } from '../time/clock.js';
import { AuthorizationServerHttp } from '../http/authorization-server-http.js';
import { M2M_CLOCK, M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedClient, ResolvedOptions } from '../options/resolved-options.js';
import type { M2MClientEvent } from './events/m2m-client-event.js';
import { RejectedTokens } from './requests/rejected-tokens.js';
import { EndpointOutages } from './tokens/acquisition/endpoint-outages.js';
import type { TokenManager } from './tokens/token-manager.js';
import { createTokenManager } from './tokens/create-token-manager.js';
import { getOrInsert } from './get-or-insert.js';
import { warmUp } from './warm-up.js';

/** The token managers of an application's OAuth clients, from its start to its end. */
@Injectable()
export class TokenManagers implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #options: ResolvedOptions;
  readonly #create: (client: ResolvedClient) => TokenManager;
  readonly #events = new Subject<M2MClientEvent>();
  /** By the client's name. */
  readonly #managers = new Map<string | undefined, TokenManager>();
  /** Replaces tokens that targets reject. */
  readonly rejected: RejectedTokens;

  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions,
    @Inject(AuthorizationServerHttp) http: AuthorizationServerHttp,
    @Inject(EndpointResolver) endpoints: EndpointResolver,
    @Inject(M2M_CLOCK) readonly clock: Clock,
  ) {
    const emit = (event: M2MClientEvent): void => this.#events.next(event);
    this.#options = options;
    const outages = new EndpointOutages(clock);
    this.#create = (client) => createTokenManager(client, { http, endpoints, clock, outages, emit });
    this.rejected = new RejectedTokens(clock, emit);
  }

  /** The events of all clients. */
  get events$(): Observable<M2MClientEvent> {
    return this.#events.asObservable();
  }

  /** The token manager of a client. It is made at the first call. */
  of(client: ResolvedClient): TokenManager {
    return getOrInsert(this.#managers, client.name, () => this.#create(client));
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
