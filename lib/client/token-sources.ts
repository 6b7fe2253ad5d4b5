import { Inject, Injectable } from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';
import { EndpointResolver } from '../authorization-servers/endpoint-resolver.js';
import type { Clock } from '../clock.js';
import { AuthorizationServerHttp } from '../http/authorization-server-http.js';
import { M2M_CLOCK } from '../m2m.module-definition.js';
import type { ResolvedClient } from '../options/resolved-options.js';
import type { M2MClientEvent } from './events.js';
import { RejectedTokens } from './request/rejected-tokens.js';
import { createTokenSource } from './token/create-token-source.js';
import type { TokenSource } from './token/token-source.js';

/** The token sources of an application's OAuth clients, one for each. */
@Injectable()
export class TokenSources {
  readonly #http: AuthorizationServerHttp;
  readonly #endpoints: EndpointResolver;
  readonly #clock: Clock;
  readonly #events = new Subject<M2MClientEvent>();
  /** What to do with the tokens that targets reject. */
  readonly rejected: RejectedTokens;
  /** By the client's name. */
  readonly #sources = new Map<string | undefined, TokenSource>();

  constructor(
    @Inject(AuthorizationServerHttp) http: AuthorizationServerHttp,
    @Inject(EndpointResolver) endpoints: EndpointResolver,
    @Inject(M2M_CLOCK) clock: Clock,
  ) {
    this.#http = http;
    this.#endpoints = endpoints;
    this.#clock = clock;
    this.rejected = new RejectedTokens(clock, (event) => this.#events.next(event));
  }

  /** What happens to the tokens of all clients. */
  get events$(): Observable<M2MClientEvent> {
    return this.#events.asObservable();
  }

  of(client: ResolvedClient): TokenSource {
    const known = this.#sources.get(client.name);
    if (known) return known;
    const source = createTokenSource(client, {
      http: this.#http,
      endpoints: this.#endpoints,
      clock: this.#clock,
      emit: (event) => this.#events.next(event),
    });
    this.#sources.set(client.name, source);
    return source;
  }
}
