import { HttpService } from '@nestjs/axios';
import { Inject, Injectable } from '@nestjs/common';
import type { AxiosInstance } from 'axios';
import { filter, type Observable } from 'rxjs';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedClientOptions, ResolvedOptions, ResolvedTarget } from '../options/resolved-options.js';
import { isObject } from '../validation/checks.js';
import { requestedParameters } from '../options/requested-parameters.js';
import type { TokenParameters } from '../authorization-servers/authorization-server.js';
import type { M2MClientEvent } from './events/m2m-client-event.js';
import type { AxiosLike } from './requests/axios-like.js';
import { axios } from '../http/axios.js';
import { finalUrl } from './requests/final-url.js';
import { TokenAttacher } from './requests/token-attacher.js';
import { webFetch } from './requests/web-fetch.js';
import type { M2MClientStats } from './events/stats.js';
import type { TokenRequest } from './token-request.js';
import { TokenManagers } from './token-managers.js';
import type { AccessToken } from './tokens/token/access-token.js';
import type { TokenSource } from './tokens/token-source.js';

/** Gets access tokens for this service, and puts them on the requests that it sends to its targets. */
@Injectable()
export class M2MClientService {
  readonly #options: ResolvedOptions;
  readonly #sources: TokenManagers;
  readonly #attachers = new Map<string | undefined, TokenAttacher>();
  readonly #httpServices = new Map<string | undefined, HttpService>();
  readonly #clients = new Map<string, M2MClientService>();

  constructor(@Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions, @Inject(TokenManagers) sources: TokenManagers) {
    this.#options = options;
    this.#sources = sources;
  }

  /**
   * Gets the value of an access token: the one at hand, else a new one. Concurrent calls share one token request.
   *
   * @throws TokenRequestError, TokenEndpointError, BudgetExceededError, DiscoveryError
   * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 RFC 6749, section 4.4}
   */
  async getToken(request?: TokenRequest): Promise<string> {
    const { source, parameters } = this.#asked(request);
    return (await source.getAccessToken(parameters, request)).value;
  }

  /** Gets an access token with what is known about it. @throws as {@link getToken} */
  async getAccessToken(request?: TokenRequest): Promise<AccessToken> {
    const { source, parameters } = this.#asked(request);
    return source.getAccessToken(parameters, request);
  }

  /** Forgets a token, so that the next call fetches a new one. */
  async invalidate(request?: TokenRequest): Promise<void> {
    const { source, parameters } = this.#asked(request);
    await source.invalidate(parameters);
  }

  /** An `HttpService` whose requests carry the token of the target that their URL lies under; no target, no token. */
  get http(): HttpService {
    return this.#http(undefined);
  }

  /**
   * The `HttpService` of a target: its URL is the base URL, and requests inside of it, and only they, carry its token.
   *
   * @throws M2MConfigurationError for an unknown target
   */
  for(target: string): HttpService {
    return this.#http(target);
  }

  /**
   * Attaches tokens to the requests of an Axios instance of your own. Interceptors that set `adapter` must be added
   * after: those that were there before run later, and what they set sends requests without a token.
   *
   * @param target the only target whose token is attached. Default: the one that a request's URL lies under
   * @returns detaches them
   * @throws M2MConfigurationError for an unknown target
   */
  attach(instance: AxiosLike, target?: string): () => void {
    return this.#attacher(target).attach(instance);
  }

  /**
   * `fetch` with the same rules. Where `request` is given, a URL that lies under no target is an error; where it names a
   * target, a relative URL is one below it.
   *
   * @throws TypeError where the network fails, as `fetch` does; statuses are not thrown
   */
  async fetch(input: string | URL | Request, init?: RequestInit, request?: TokenRequest): Promise<Response> {
    if (request !== undefined) this.#asked(request);
    const { target: name, signal, ...m2m } = request ?? {};
    const adapter = this.#attacher(name).wrap(axios.getAdapter('http'));
    const target = name === undefined ? undefined : this.#target(name);
    const url = target && typeof input === 'string' ? finalUrl({ baseURL: urlOf(target), url: input }) : input;
    return webFetch(adapter, url, init, request && m2m, signal);
  }

  /**
   * The same service for a named client of the options: its tokens, and the targets that use it.
   *
   * @throws M2MConfigurationError for an unknown client
   */
  client(name: string): M2MClientService {
    const known = this.#clients.get(name);
    if (known) return known;
    const { clients, targets } = this.#client;
    const client = clients.get(name) ?? unknown('client', name, [...clients.keys()]);
    const service = new M2MClientService({ ...this.#options, client: { ...client, clients, targets } }, this.#sources);
    this.#clients.set(name, service);
    return service;
  }

  /** What this client's tokens cost so far. A named client counts for itself. */
  stats(): M2MClientStats {
    return this.#sources.of(this.#client).stats();
  }

  /** What happens to the tokens of this client; of the module's own client, to those of named ones too. */
  get events$(): Observable<M2MClientEvent> {
    const { name } = this.#client;
    return this.#sources.events$.pipe(filter(({ client }) => name === undefined || client === name));
  }

  get #client(): ResolvedClientOptions {
    return this.#options.client ?? notConfigured();
  }

  /** The module's own client has every target, a named one those that use its credentials. */
  readonly #isMine = (target: ResolvedTarget): boolean => {
    const { name } = this.#client;
    return name === undefined || target.client.name === name;
  };

  #target(name: string): ResolvedTarget {
    const mine = this.#client.targets.filter(this.#isMine);
    const target = mine.find((candidate) => candidate.name === name);
    if (target) return target;
    const known = mine.map((candidate) => candidate.name);
    return unknown('target', name, known);
  }

  #asked(request: TokenRequest | undefined): { source: TokenSource; parameters: TokenParameters } {
    const target = request?.target === undefined ? undefined : this.#target(request.target);
    const parameters = target ? target.request : this.#client.defaults;
    return {
      source: this.#sources.of(target ? target.client : this.#client),
      parameters: request === undefined ? parameters : requestedParameters(parameters, request, ['target', 'signal']),
    };
  }

  #attacher(name: string | undefined): TokenAttacher {
    const known = this.#attachers.get(name);
    if (known) return known;
    const { targets } = this.#client;
    const only = name === undefined ? undefined : this.#target(name);
    const mine = only ? (target: ResolvedTarget) => target === only : this.#isMine;
    const attacher = new TokenAttacher(targets, mine, this.#sources);
    this.#attachers.set(name, attacher);
    return attacher;
  }

  #http(name: string | undefined): HttpService {
    const known = this.#httpServices.get(name);
    if (known) return known;
    const target = name === undefined ? undefined : this.#target(name);
    const instance = withoutCredentials(axios.create(target && { baseURL: urlOf(target) }));
    this.#attacher(name).attach(instance);
    const http = new HttpService(instance);
    this.#httpServices.set(name, http);
    return http;
  }
}

/** What an application gives to all of Axios is meant for others than these targets, and would stand in for the token. */
function withoutCredentials(instance: AxiosInstance): AxiosInstance {
  const { defaults } = instance;
  delete defaults.auth;
  const groups: readonly unknown[] = [defaults.headers, ...Object.values(defaults.headers)];
  for (const headers of groups.filter(isObject)) {
    for (const name of Object.keys(headers)) if (name.toLowerCase() === 'authorization') delete headers[name];
  }
  return instance;
}

function urlOf({ origin, path }: ResolvedTarget): string {
  return origin + path;
}

function unknown(what: 'client' | 'target', name: string, known: readonly string[]): never {
  throw new M2MConfigurationError([
    {
      option: `client.${what}s.${name}`,
      problem: `is asked for, but the options know ${known.length === 0 ? `no ${what}` : known.join(', ')}`,
      remedy:
        what === 'target'
          ? `client: { targets: { ${JSON.stringify(name)}: { url: 'https://...' } } }`
          : `client: { clients: { ${JSON.stringify(name)}: { clientId: '...', clientSecret: () => ... } } }`,
    },
  ]);
}

function notConfigured(): never {
  throw new M2MConfigurationError([
    {
      option: 'client',
      problem: 'is missing, but M2MClientService is used',
      kind: 'missing',
      remedy: [
        'M2MModule.forRoot({',
        "  authorizationServer: oidc({ issuer: 'https://...' }),",
        "  client: { clientId: '...', clientSecret: () => ..., targets: { shop: { url: 'https://...' } } },",
        '})',
      ].join('\n'),
    },
  ]);
}
