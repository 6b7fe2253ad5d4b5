import { Readable } from 'node:stream';
import type { AxiosAdapter, AxiosRequestConfig, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { Clock } from '../../time/clock.js';
import { isLoopback } from '../../http/loopback.js';
import type { ResolvedClient, ResolvedTarget } from '../../options/resolved-options.js';
import { requestedParameters } from '../../options/requested-parameters.js';
import type { AccessToken } from '../tokens/token/access-token.js';
import type { TokenSource } from '../tokens/token-source.js';
import type { AxiosLike } from './axios-like.js';
import { axios } from '../../http/axios.js';
import { destinationOf, withToken, type Destination } from './destination.js';
import { finalUrl } from './final-url.js';
import { sanitizeError, sanitizeResponse } from './sanitize.js';
import type { RejectedTokens, TokenUse } from './rejected-tokens.js';
import { isAcceptance, isRejection, isReplayable } from './rejection.js';
import { throwIfCancelled, RequestDeadline } from './request-deadline.js';

/** Where the attached tokens come from, and where those go that targets reject. */
export interface AttachedTokens {
  of(client: ResolvedClient): TokenSource;
  readonly rejected: RejectedTokens;
  /** What time it is for requests to targets. */
  readonly clock: Clock;
}

/** What an adapter answered, or threw. */
type Outcome =
  { readonly response: AxiosResponse } | { readonly response: AxiosResponse | undefined; readonly error: unknown };

const noneInTime = (): undefined => undefined;

/**
 * Puts tokens on the requests of Axios instances. The token goes on in the adapter, the last step before the wire, so
 * that no interceptor that runs later can carry it elsewhere.
 */
export class TokenAttacher {
  readonly #targets: readonly ResolvedTarget[];
  readonly #mine: (target: ResolvedTarget) => boolean;
  readonly #tokens: AttachedTokens;
  readonly #local: ReadonlySet<ResolvedTarget>;
  /** By the adapter wrapped; a wrapper leads to itself, so that a request that is sent again is not wrapped twice. */
  readonly #wrappers = new WeakMap<AxiosAdapter, AxiosAdapter>();

  /**
   * @param targets every target there is: a longer prefix wins, whoever it belongs to
   * @param mine those whose tokens are attached
   */
  constructor(targets: readonly ResolvedTarget[], mine: (target: ResolvedTarget) => boolean, tokens: AttachedTokens) {
    this.#targets = targets;
    this.#mine = mine;
    this.#tokens = tokens;
    this.#local = new Set(targets.filter(({ origin }) => isLoopback(new URL(origin))));
  }

  /** Attaches tokens to the requests of an instance, until the function returned is called. */
  attach(instance: AxiosLike): () => void {
    const { request, response } = instance.interceptors;
    const requests = request.use(this.#intercept, null, { synchronous: true });
    const responses = response.use(null, throwSanitized);
    return () => {
      request.eject(requests);
      response.eject(responses);
    };
  }

  /** An adapter that puts the token on and hands over to another. */
  wrap(adapter: AxiosAdapter): AxiosAdapter {
    const known = this.#wrappers.get(adapter);
    if (known) return known;
    const wrapper: AxiosAdapter = (config) => this.#send(adapter, config);
    this.#wrappers.set(adapter, wrapper).set(wrapper, wrapper);
    return wrapper;
  }

  readonly #intercept = <Config extends AxiosRequestConfig>(config: Config): Config => {
    config.adapter = this.wrap(axios.getAdapter(config.adapter ?? axios.defaults.adapter, config));
    return config;
  };

  async #send(adapter: AxiosAdapter, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    const { m2m } = config;
    const destination = destinationOf(config, this.#targets, this.#mine);
    if (!destination || m2m === false) return passOn(adapter, config);
    const { target, url } = destination;
    const use = {
      target,
      parameters: m2m === undefined ? target.request : requestedParameters(target.request, m2m),
      source: this.#tokens.of(target.client),
    };
    const wait = new RequestDeadline(config, config.timeout || target.http.timeout, this.#tokens.clock);
    const forceRenewal = m2m?.forceRenewal;
    const token = await wait.for(use.source.getAccessToken(use.parameters, { forceRenewal }));
    const outcome = await this.#try(adapter, config, destination, use, token, wait);
    if ('error' in outcome) throw sanitizeError(outcome.error, config, url.href);
    return sanitizeResponse(outcome.response, config, url.href);
  }

  /** Sends a request, and once more with a newer token if its token is rejected. */
  async #try(
    adapter: AxiosAdapter,
    config: InternalAxiosRequestConfig,
    destination: Destination,
    use: TokenUse,
    token: AccessToken,
    wait: RequestDeadline,
  ): Promise<Outcome> {
    const { rejected } = this.#tokens;
    const first = await this.#exchange(adapter, config, destination, token, wait);
    const { response } = first;
    if (!response || !isReplayable(config) || !isRejection(response, use.target.renewOn401, token.value)) return first;
    const newer = await wait.for(rejected.replace(token, use), noneInTime);
    if (!newer) return first;
    abandon(response.data);
    const second = await this.#exchange(adapter, config, destination, newer, wait);
    if (second.response && isAcceptance(second.response)) rejected.accepted(use);
    return second;
  }

  #exchange(
    adapter: AxiosAdapter,
    config: InternalAxiosRequestConfig,
    destination: Destination,
    { value }: AccessToken,
    wait: RequestDeadline,
  ): Promise<Outcome> {
    throwIfCancelled(config);
    const sent = withToken(config, destination, this.#targets, this.#local.has(destination.target), value);
    wait.shorten(sent);
    return adapter(sent).then(
      (response) => ({ response }),
      (error: unknown) => ({ response: (error as { response?: AxiosResponse } | undefined)?.response, error }),
    );
  }
}

/** Closes the answer that is not handed out, if it is a stream: the fetch adapter's is one of the web. */
function abandon(data: unknown): void {
  if (data instanceof Readable) data.destroy();
  if (data instanceof ReadableStream) data.cancel().catch(() => undefined);
}

/** Sends a request without a token. It may share its agents with others that carry one. */
async function passOn(adapter: AxiosAdapter, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  try {
    return await adapter(config);
  } catch (error) {
    throw sanitizeError(error, config, finalUrl(config));
  }
}

/** Before and after the adapter Axios makes errors of its own, from the request as its caller made it. */
function throwSanitized(error: unknown): never {
  const { config } = (error ?? {}) as { config?: InternalAxiosRequestConfig };
  throw config ? sanitizeError(error, config, finalUrl(config)) : error;
}
