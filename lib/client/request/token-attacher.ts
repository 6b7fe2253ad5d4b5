import type { AxiosAdapter, AxiosRequestConfig, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { isLoopback } from '../../http/loopback.js';
import type { ResolvedClient, ResolvedTarget } from '../../options/resolved-options.js';
import { tokenParameters } from '../../options/token-parameters.js';
import type { TokenSource } from '../token/token-source.js';
import type { AxiosLike } from './axios-like.js';
import type { M2MRequestOptions } from './axios-request-config.js';
import { axios } from './axios.js';
import { finalUrl } from './final-url.js';
import { presentableError, presentableResponse } from './presentable.js';
import { dropTokenOutside } from './redirects.js';
import { findTarget, untrusted, whyUntrusted } from './target-matching.js';

/** A request that carries a token: to which target, and to which URL exactly. */
interface Destination {
  readonly target: ResolvedTarget;
  readonly url: URL;
  readonly request: M2MRequestOptions;
}

const NO_REQUEST: M2MRequestOptions = Object.freeze({});
/** Only Node's http adapter asks before it follows a redirect, so the fetch adapter follows none. */
const MANUAL_REDIRECT = Object.freeze({ redirect: 'manual' });

/**
 * Puts tokens on the requests of Axios instances. The token goes on in the adapter, the last step before the wire, so
 * that no interceptor that runs later can carry it elsewhere.
 */
export class TokenAttacher {
  readonly #targets: readonly ResolvedTarget[];
  readonly #mine: (target: ResolvedTarget) => boolean;
  readonly #sourceOf: (client: ResolvedClient) => TokenSource;
  /** By the adapter wrapped; a wrapper leads to itself, so that a request that is sent again is not wrapped twice. */
  readonly #wrappers = new WeakMap<AxiosAdapter, AxiosAdapter>();

  /**
   * @param targets every target there is: a longer prefix wins, whoever it belongs to
   * @param mine those whose tokens are attached
   */
  constructor(
    targets: readonly ResolvedTarget[],
    mine: (target: ResolvedTarget) => boolean,
    sourceOf: (client: ResolvedClient) => TokenSource,
  ) {
    this.#targets = targets;
    this.#mine = mine;
    this.#sourceOf = sourceOf;
  }

  /** Attaches tokens to the requests of an instance, until the function returned is called. */
  attach(instance: AxiosLike): () => void {
    const { request } = instance.interceptors;
    const id = request.use(this.#intercept, null, { synchronous: true });
    return () => request.eject(id);
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
    config.adapter = this.wrap(axios.getAdapter(config.adapter, config));
    return config;
  };

  async #send(adapter: AxiosAdapter, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    const destination = this.#destinationOf(config);
    if (!destination) return adapter(config);
    const { target, url, request } = destination;
    const parameters = request === NO_REQUEST ? target.request : tokenParameters(target.request, request);
    const token = await this.#sourceOf(target.client).getAccessToken(parameters, {
      forceRenewal: request.forceRenewal,
      signal: config.signal instanceof AbortSignal ? config.signal : undefined,
    });
    // An adapter would send it, though nobody waits for the response.
    if (config.signal?.aborted) throw new axios.CanceledError(undefined, config);
    config.cancelToken?.throwIfRequested();
    try {
      return presentableResponse(await adapter(this.#authorized(config, destination, token.value)), config, url.href);
    } catch (error) {
      throw presentableError(error, config, url.href);
    }
  }

  #destinationOf(config: InternalAxiosRequestConfig): Destination | undefined {
    const { m2m } = config;
    if (m2m === false || config.auth || config.headers.has('authorization')) return undefined;
    const written = finalUrl(config);
    const url = URL.canParse(written) ? new URL(written) : undefined;
    const target = url && findTarget(this.#targets, url);
    if (!target || !this.#mine(target)) {
      if (m2m === undefined) return undefined;
      const mine = this.#targets.filter(this.#mine);
      const known = mine.map(({ name, origin, path }) => `${name} ${origin}${path}`).join(', ');
      throw untrusted(url, `lies under no target (${known || 'none is configured'}), but m2m asks for a token`);
    }
    const why = whyUntrusted(url, written) ?? whyNotSent(config, url);
    if (why !== undefined) throw untrusted(url, why);
    return { target, url, request: m2m ?? NO_REQUEST };
  }

  #authorized(
    config: InternalAxiosRequestConfig,
    { target, url }: Destination,
    token: string,
  ): InternalAxiosRequestConfig {
    const { http } = target;
    return {
      ...config,
      // What was judged is what is sent.
      url: url.href,
      allowAbsoluteUrls: true,
      headers: config.headers.concat({ Authorization: `Bearer ${token}` }),
      beforeRedirect: dropTokenOutside(target, this.#targets, config.beforeRedirect),
      fetchOptions: config.fetchOptions ? { ...config.fetchOptions, ...MANUAL_REDIRECT } : MANUAL_REDIRECT,
      proxy: isLoopback(url) ? false : (config.proxy ?? http.proxy),
      httpAgent: config.httpAgent ?? http.httpAgent,
      httpsAgent: config.httpsAgent ?? http.httpsAgent,
      timeout: config.timeout || http.timeout,
    };
  }
}

/** What of a request, beside its URL, leads it elsewhere than its URL says. */
function whyNotSent(config: InternalAxiosRequestConfig, url: URL): string | undefined {
  const host = config.headers.get('host');
  if (host !== undefined && host !== null && host !== url.host) return 'would be sent with another Host header';
  if (config.socketPath) return 'would be sent to a socket (socketPath)';
  if (config.transport) return 'would be sent over a transport of its own (transport)';
  return undefined;
}
