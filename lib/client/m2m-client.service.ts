import type { HttpService } from '@nestjs/axios';
import { Inject, Injectable } from '@nestjs/common';
import { filter, type Observable } from 'rxjs';
import { getOrInsert } from '../collections/get-or-insert.js';
import { axios } from '../http/axios.js';
import { M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { M2MClientName, M2MTargetName } from '../options/m2m-names.js';
import { closingSignal, copyOfRequest, requestedParameters } from '../options/requested-parameters.js';
import type { ResolvedOptions, ResolvedTarget } from '../options/resolved-options.js';
import { noParameters } from '../options/token-parameters.js';
import { abortable } from '../time/timeout.js';
import { memberOf } from '../validation/checks.js';
import { clientMissing, targetOfAnother, unknownName } from './clients/configuration-errors.js';
import type { ByClient } from './clients/client-registry.js';
import { ServiceAccess } from './clients/service-access.js';
import type { M2MClientEvent } from './events/m2m-client-event.js';
import { noCounts, type M2MClientStats } from './events/stats.js';
import type { AxiosLike } from './requests/axios-like.js';
import { finalUrl } from './requests/final-url.js';
import { ServiceAttachers } from './requests/service-attachers.js';
import { refuseIfKept, refuseIfRelayed } from './requests/token-choice.js';
import { webFetch } from './requests/web-fetch.js';
import { callManager, getAccessToken, MORE_NAMES, type ManagerCall } from './manager-call.js';
import { OAuthClients } from './oauth-clients.js';
import type { TokenRequest } from './token-request.js';
import type { KeptToken } from './tokens/cache/kept-token.js';
import type { AccessToken } from './tokens/token/access-token.js';

/** Gets access tokens for this service, and puts them on the requests that it sends to its targets. */
@Injectable()
export class M2MClientService {
  readonly #options: ResolvedOptions;
  readonly #clients: OAuthClients;
  /** The service of the module's own client. */
  #own: M2MClientService = this;
  /** The named client of this service; `undefined`: the module's own. */
  #name: string | undefined;
  #access: ServiceAccess | undefined;
  #attachers: ServiceAttachers | undefined;
  /** The services of named clients. */
  #services: ByClient<M2MClientService> | undefined;

  /** @internal */
  constructor(@Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions, @Inject(OAuthClients) clients: OAuthClients) {
    this.#options = options;
    this.#clients = clients;
  }

  /**
   * Gets the value of an access token: the one in memory, or else a new one. Concurrent calls share one token request.
   *
   * @param request which token. Default: the one that the client's options describe
   * @throws TokenRequestError if the authorization server refuses the request, or grants too few scopes and `verifyScope`
   * is `strict`
   * @throws TokenEndpointError if it cannot be reached, or its answer is not a token response
   * @throws DiscoveryError if its token endpoint cannot be discovered
   * @throws BudgetExceededError if the client's budget is used up
   * @throws CallbackError if a function of the options fails
   * @throws M2MConfigurationError for an unknown target, and for a request that no token request can be made of
   * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 RFC 6749, section 4.4}
   */
  async getToken(request?: TokenRequest): Promise<string> {
    return (await this.#withManager(request, getAccessToken)).value;
  }

  /** Gets an access token with its expiry and scopes. @throws the errors of {@link getToken} */
  async getAccessToken(request?: TokenRequest): Promise<AccessToken> {
    return this.#withManager(request, getAccessToken);
  }

  /**
   * Gets an access token and keeps it renewed by a timer, for clients that ask for it in a synchronous function. The
   * application closes it when it shuts down.
   *
   * @param request which token. Default: the one that the client's options describe
   * @param options.signal closes it. Before the first token is there, it ends the wait. Default: none
   * @throws the errors of {@link getToken}, and the signal's reason
   */
  async keepToken(
    request?: TokenRequest,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<KeptToken> {
    const signal = closingSignal(options);
    const target = request && memberOf(request, 'target');
    refuseIfKept(target === undefined ? undefined : this.#target(target));
    const keep: ManagerCall<KeptToken> = (manager, parameters, wanted) => manager.keepToken(parameters, wanted, signal);
    return this.#withManager(request, keep, signal);
  }

  /**
   * Forgets a token, so that the next call fetches a new one.
   *
   * @param request which token. Default: the one that the client's options describe
   * @throws M2MConfigurationError for an unknown target
   */
  async invalidate(request?: TokenRequest): Promise<void> {
    await this.#withManager(request, (manager, parameters) => manager.invalidate(parameters));
  }

  /**
   * An `HttpService` whose requests carry the token of the target that their URL lies under. Under no target, they carry
   * none. A request fails with the errors of {@link getToken}, too.
   *
   * @throws M2MConfigurationError without `client` in the options
   */
  get http(): HttpService {
    return this.#attachersNow().http(undefined);
  }

  /**
   * The `HttpService` of a target: its URL is the base URL, and its requests carry its token. A request fails with the
   * errors of {@link getToken}, and with UntrustedTargetError for a URL outside of the target, unless it has `m2m: false`.
   * A redirect out of the target is followed without the token.
   *
   * @throws M2MConfigurationError for an unknown target
   */
  for(target: M2MTargetName): HttpService {
    return this.#attachersNow().http(this.#target(target));
  }

  /**
   * Attaches tokens to the requests of an Axios instance of your own. Interceptors that set `adapter` must be added
   * after: those that were there before run later, and the adapter that they set sends requests without a token.
   *
   * @param target the only target whose token is attached. Default: the one that a request's URL lies under
   * @returns a function that detaches them
   * @throws M2MConfigurationError for an unknown target
   */
  attach(instance: AxiosLike, target?: M2MTargetName): () => void {
    const attacher = target === undefined ? this.#attachersNow().all : this.#attachersNow().to(this.#target(target));
    return attacher.attach(instance);
  }

  /**
   * `fetch` with the same rules. With a `request`, a URL that lies under no target is an error; if it names a target, a
   * relative URL is one below it.
   *
   * @throws TypeError if the network fails, as `fetch` does; statuses are not thrown
   * @throws UntrustedTargetError if a token is requested for a URL that it must not go to
   * @throws the errors of {@link getToken}
   */
  async fetch(input: string | URL | Request, init?: RequestInit, request?: TokenRequest): Promise<Response> {
    if (request !== undefined) requestedParameters(noParameters, request, MORE_NAMES);
    const { target: _, signal: __, ...m2m } = request ?? {};
    const name = request && memberOf(request, 'target');
    const signal = request && memberOf(request, 'signal');
    const target = name === undefined ? undefined : this.#target(name);
    const attacher = target ? this.#attachersNow().within(target) : this.#attachersNow().all;
    const adapter = attacher.wrap(axios.getAdapter('http'));
    const url = target && typeof input === 'string' ? finalUrl({ baseURL: target.baseUrl, url: input }) : input;
    return webFetch(adapter, url, init, request && m2m, signal);
  }

  /**
   * `fetch` for one target, to hand to generated clients (`createClient({ fetch: m2m.fetchFor('shop') })`). It takes URLs
   * and `Request`s inside of the target, and relative URLs below it.
   *
   * @returns a function of its own, whose calls throw what those of {@link fetch} throw
   * @throws M2MConfigurationError for an unknown target
   */
  fetchFor(target: M2MTargetName): typeof fetch {
    this.#target(target);
    return (input, init) => this.fetch(input, init, { target });
  }

  /**
   * The same service for a named client of the options: its tokens, its targets, and those that are
   * `usableBy: 'any-client'`. A request of its `http` to any other target is refused with UntrustedTargetError.
   *
   * @throws M2MConfigurationError for an unknown client
   */
  client(name: M2MClientName): M2MClientService {
    this.#throwIfMissing();
    this.#own.#services ??= this.#clients.registry.byClient();
    return getOrInsert(this.#own.#services, name, () => {
      this.#clients.registry.checkName(name);
      const service = new M2MClientService(this.#options, this.#clients);
      service.#own = this.#own;
      service.#name = name;
      return service;
    });
  }

  /**
   * Forgets a client that the function of `clients` returned, and its tokens, here and in the token store: after a tenant
   * was removed or changed. The next call has it asked for again. What is under way brings no token back. Other processes
   * keep what they have in memory.
   *
   * @throws M2MConfigurationError for a client of the options, and for a name that no client can have
   */
  forgetClient(name: M2MClientName): void {
    this.#throwIfMissing();
    this.#clients.registry.forget(name);
  }

  /**
   * Counts what this client's tokens cost since the start of the application. A named client counts for itself.
   *
   * @throws M2MConfigurationError without `client` in the options
   */
  stats(): M2MClientStats {
    this.#throwIfMissing();
    const client = this.#clients.registry.peek(this.#name);
    const nothing = { ...noCounts(), quota: [], clockSkew: undefined, tokens: [] };
    return client?.stats(this.#clients.targets.all()) ?? nothing;
  }

  /**
   * Ends the pauses after token requests that failed, also those in the token store, so that the next call sends a
   * request: after a secret was put right, or a rate limit raised. For the module's own client, those of named ones too.
   * Other processes keep the pauses that they know of.
   *
   * @throws M2MConfigurationError without `client` in the options
   */
  async retryNow(): Promise<void> {
    this.#throwIfMissing();
    await this.#clients.retryNow(this.#name);
  }

  /**
   * The events of this client's tokens; for the module's own client, those of named ones too. It completes when the
   * application shuts down.
   *
   * @throws M2MConfigurationError without `client` in the options
   */
  get events$(): Observable<M2MClientEvent> {
    this.#throwIfMissing();
    const name = this.#name;
    return this.#clients.events$.pipe(filter(({ client }) => name === undefined || client === name));
  }

  #throwIfMissing(): void {
    if (!this.#options.client) clientMissing();
  }

  #accessNow(): ServiceAccess {
    this.#throwIfMissing();
    this.#access ??= new ServiceAccess(this.#name, (name) => this.#clients.registry.checkName(name));
    return this.#access;
  }

  #attachersNow(): ServiceAttachers {
    this.#attachers ??= new ServiceAttachers(this.#clients.targets, this.#accessNow(), this.#clients);
    return this.#attachers;
  }

  #target(name: string): ResolvedTarget {
    const access = this.#accessNow();
    const { targets } = this.#clients;
    const target = targets.get(name);
    if (!target) return unknownName('target', name, access.usable(targets.all()));
    return access.mayUse(target) ? target : targetOfAnother(target, String(this.#name));
  }

  /**
   * Calls the token manager of a request's client: in the same turn, unless the client has to be looked up. An invalidated
   * token is not used in that turn either.
   *
   * @param signal ends the wait for the client, as the signal of the request does
   */
  #withManager<T>(request: TokenRequest | undefined, call: ManagerCall<T>, signal?: AbortSignal): Promise<T> {
    const name = request && memberOf(request, 'target');
    const target = name === undefined ? undefined : this.#target(name);
    refuseIfRelayed(target);
    const requested = request && memberOf(request, 'client');
    const access = this.#accessNow();
    const clientName = target ? access.clientFor(target, requested) : access.clientNamed(requested);
    const client = this.#clients.of(clientName);
    if (!(client instanceof Promise)) return callManager(client, target, request, this.#clients.clock, call);
    const copy = request && copyOfRequest(request, MORE_NAMES);
    const found = abortable(abortable(client, copy?.signal), signal);
    return found.then((each) => callManager(each, target, copy, this.#clients.clock, call));
  }
}
