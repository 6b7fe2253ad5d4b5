import { HttpService } from '@nestjs/axios';
import { Inject, Injectable } from '@nestjs/common';
import { filter, type Observable } from 'rxjs';
import type { TokenParameters } from '../authorization-servers/authorization-server.js';
import { axios } from '../http/axios.js';
import { M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { M2MClientName, M2MTargetName } from '../options/m2m-names.js';
import { requestedParameters } from '../options/requested-parameters.js';
import type { ResolvedClientOptions, ResolvedOptions, ResolvedTarget } from '../options/resolved-options.js';
import { memberOf } from '../validation/checks.js';
import { clientMissing, targetOfAnother, unknownName } from './configuration-errors.js';
import type { M2MClientEvent } from './events/m2m-client-event.js';
import type { M2MClientStats } from './events/stats.js';
import { getOrInsert } from '../collections/get-or-insert.js';
import type { AxiosLike } from './requests/axios-like.js';
import { Destinations } from './requests/destination.js';
import { finalUrl } from './requests/final-url.js';
import type { TargetIndex } from './requests/target-index.js';
import { createInstance } from './requests/target-instance.js';
import { TokenAttacher } from './requests/token-attacher.js';
import { webFetch } from './requests/web-fetch.js';
import { TokenManagers } from './token-managers.js';
import type { TokenRequest } from './token-request.js';
import type { TokenManager } from './tokens/token-manager.js';
import type { KeptToken } from './tokens/cache/kept-token.js';
import type { AccessToken } from './tokens/token/access-token.js';

/** Gets access tokens for this service, and puts them on the requests that it sends to its targets. */
@Injectable()
export class M2MClientService {
  readonly #options: ResolvedOptions;
  readonly #managers: TokenManagers;
  readonly #attachers = new Map<string | undefined, TokenAttacher>();
  /** Those that refuse what lies outside of their target. */
  readonly #targetAttachers = new Map<string, TokenAttacher>();
  readonly #httpServices = new Map<string | undefined, HttpService>();
  readonly #clients = new Map<string, M2MClientService>();

  /** @internal */
  constructor(@Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions, @Inject(TokenManagers) managers: TokenManagers) {
    this.#options = options;
    this.#managers = managers;
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
    const { manager, parameters } = this.#requested(request);
    return (await manager.getAccessToken(parameters, request)).value;
  }

  /** Gets an access token with its expiry and scopes. @throws the errors of {@link getToken} */
  async getAccessToken(request?: TokenRequest): Promise<AccessToken> {
    const { manager, parameters } = this.#requested(request);
    return manager.getAccessToken(parameters, request);
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
    const { manager, parameters } = this.#requested(request);
    return manager.keepToken(parameters, request, memberOf(options, 'signal'));
  }

  /**
   * Forgets a token, so that the next call fetches a new one.
   *
   * @param request which token. Default: the one that the client's options describe
   * @throws M2MConfigurationError for an unknown target
   */
  async invalidate(request?: TokenRequest): Promise<void> {
    const { manager, parameters } = this.#requested(request);
    await manager.invalidate(parameters);
  }

  /**
   * An `HttpService` whose requests carry the token of the target that their URL lies under. Under no target, they carry
   * none. A request fails with the errors of {@link getToken}, too.
   *
   * @throws M2MConfigurationError without `client` in the options
   */
  get http(): HttpService {
    return this.#http(undefined);
  }

  /**
   * The `HttpService` of a target: its URL is the base URL, and its requests carry its token. A request fails with the
   * errors of {@link getToken}, and with UntrustedTargetError for a URL outside of the target, unless it has `m2m: false`.
   * A redirect out of the target is followed without the token.
   *
   * @throws M2MConfigurationError for an unknown target
   */
  for(target: M2MTargetName): HttpService {
    return this.#http(this.#target(target).name);
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
    return this.#attacher(target).attach(instance);
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
    if (request !== undefined) this.#requested(request);
    const { target: _, signal: __, ...m2m } = request ?? {};
    const name = request && memberOf(request, 'target');
    const signal = request && memberOf(request, 'signal');
    const attacher = name === undefined ? this.#attacher(undefined) : this.#targetAttacher(name);
    const adapter = attacher.wrap(axios.getAdapter('http'));
    const target = name === undefined ? undefined : this.#target(name);
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
   * The same service for a named client of the options: its tokens, and the targets that use it.
   *
   * @throws M2MConfigurationError for an unknown client
   */
  client(name: M2MClientName): M2MClientService {
    return getOrInsert(this.#clients, name, () => {
      const { clients, targets } = this.#client;
      const client = clients.get(name) ?? unknownName('client', name, [...clients.keys()]);
      return new M2MClientService({ ...this.#options, client: { ...client, clients, targets } }, this.#managers);
    });
  }

  /**
   * Counts what this client's tokens cost since the start of the application. A named client counts for itself.
   *
   * @throws M2MConfigurationError without `client` in the options
   */
  stats(): M2MClientStats {
    return this.#managers.of(this.#client).stats();
  }

  /**
   * Ends the pauses after token requests that failed, also those in the token store, so that the next call sends a
   * request: after a secret was put right, or a rate limit raised. For the module's own client, those of named ones too.
   * Other processes keep the pauses that they know of.
   *
   * @throws M2MConfigurationError without `client` in the options
   */
  async retryNow(): Promise<void> {
    await this.#managers.retryNow(this.#client);
  }

  /**
   * The events of this client's tokens; for the module's own client, those of named ones too. It completes when the
   * application shuts down.
   *
   * @throws M2MConfigurationError without `client` in the options
   */
  get events$(): Observable<M2MClientEvent> {
    const { name } = this.#client;
    return this.#managers.events$.pipe(filter(({ client }) => name === undefined || client === name));
  }

  get #client(): ResolvedClientOptions {
    return this.#options.client ?? clientMissing();
  }

  get #targets(): TargetIndex {
    return this.#options.client ? this.#managers.targets : clientMissing();
  }

  /** The module's own client has every target, a named one those that use its credentials. */
  readonly #isMine = (target: ResolvedTarget): boolean => {
    const { name } = this.#client;
    return name === undefined || target.client.name === name;
  };

  #target(name: string): ResolvedTarget {
    const target = this.#targets.get(name) ?? unknownName('target', name, this.#targetNames());
    return this.#isMine(target) ? target : targetOfAnother(target, this.#client.name);
  }

  #targetNames(): string[] {
    const mine = this.#targets.all().filter(this.#isMine);
    return mine.map(({ name }) => name);
  }

  #requested(request: TokenRequest | undefined): { manager: TokenManager; parameters: TokenParameters } {
    const name = request && memberOf(request, 'target');
    const target = name === undefined ? undefined : this.#target(name);
    const parameters = target ? target.request : this.#client.defaults;
    return {
      manager: this.#managers.of(target ? target.client : this.#client),
      parameters: request === undefined ? parameters : requestedParameters(parameters, request, ['target', 'signal']),
    };
  }

  #attacher(name: string | undefined): TokenAttacher {
    return getOrInsert(this.#attachers, name, () => {
      const only = name === undefined ? undefined : this.#target(name);
      const isMine = only ? (target: ResolvedTarget) => target === only : this.#isMine;
      return new TokenAttacher(new Destinations(this.#targets, isMine), this.#managers);
    });
  }

  #targetAttacher(name: string): TokenAttacher {
    return getOrInsert(this.#targetAttachers, name, () => {
      const destinations = new Destinations(this.#targets, this.#isMine, this.#target(name));
      return new TokenAttacher(destinations, this.#managers);
    });
  }

  #http(name: string | undefined): HttpService {
    return getOrInsert(this.#httpServices, name, () => {
      const instance = createInstance(name === undefined ? undefined : this.#target(name));
      const attacher = name === undefined ? this.#attacher(undefined) : this.#targetAttacher(name);
      attacher.attach(instance);
      return new HttpService(instance);
    });
  }
}
