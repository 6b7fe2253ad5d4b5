import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';
import { EndpointResolver } from '../authorization-servers/endpoint-resolver.js';
import type { Clock } from '../time/clock.js';
import { AuthorizationServerHttp } from '../http/authorization-server-http.js';
import { M2M_CLOCK, M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedClient, ResolvedOptions } from '../options/resolved-options.js';
import type { M2MClientEvent } from './events/m2m-client-event.js';
import { RejectedTokens } from './requests/rejected-tokens.js';
import type { TokenManager } from './tokens/token-manager.js';
import { createTokenManager } from './tokens/create-token-manager.js';
import { warmUp } from './warm-up.js';

/** The token sources of an application's OAuth clients, one for each, from its start to its end. */
@Injectable()
export class TokenManagers implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #options: ResolvedOptions;
  readonly #create: (client: ResolvedClient) => TokenManager;
  readonly #events = new Subject<M2MClientEvent>();
  /** By the client's name. */
  readonly #sources = new Map<string | undefined, TokenManager>();
  /** What to do with the tokens that targets reject. */
  readonly rejected: RejectedTokens;

  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions,
    @Inject(AuthorizationServerHttp) http: AuthorizationServerHttp,
    @Inject(EndpointResolver) endpoints: EndpointResolver,
    @Inject(M2M_CLOCK) readonly clock: Clock,
  ) {
    const emit = (event: M2MClientEvent): void => this.#events.next(event);
    this.#options = options;
    this.#create = (client) => createTokenManager(client, { http, endpoints, clock, emit });
    this.rejected = new RejectedTokens(clock, emit);
  }

  /** What happens to the tokens of all clients. */
  get events$(): Observable<M2MClientEvent> {
    return this.#events.asObservable();
  }

  of(client: ResolvedClient): TokenManager {
    const known = this.#sources.get(client.name);
    if (known) return known;
    const source = this.#create(client);
    this.#sources.set(client.name, source);
    return source;
  }

  /** Fetches the tokens of clients that ask for it, and fails the start where they are required and not to be had. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.#options.client) await warmUp(this.#options.client, (client) => this.of(client));
  }

  /** Stops what is waiting, and waits for what is under way. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(Array.from(this.#sources.values(), (source) => source.close()));
    this.#events.complete();
  }
}
