import type { AxiosAdapter, AxiosRequestConfig, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { AxiosLike } from './axios-like.js';
import type { Destinations } from './destination.js';
import { inClassOf, learnErrorClasses } from './error-classes.js';
import { finalUrl } from './final-url.js';
import { adapterOf, throwIfUnable } from './named-adapters.js';
import { sanitizeError } from './sanitize.js';
import { bearer } from './schemes/bearer.js';
import type { TokenScheme } from './schemes/token-scheme.js';
import type { AttachedTokens } from './client-tokens.js';
import { TargetRequest } from './target-request.js';

/**
 * Puts tokens on the requests of Axios instances. It does so in the adapter, the last step before the wire, so that no
 * interceptor that runs later can carry a token elsewhere.
 */
export class TokenAttacher {
  readonly #destinations: Destinations;
  readonly #tokens: AttachedTokens;
  readonly #scheme: TokenScheme;
  /** By the adapter wrapped. A wrapper leads to itself, so that a request that is sent again is not wrapped twice. */
  readonly #wrappers = new WeakMap<AxiosAdapter, AxiosAdapter>();

  /**
   * @param destinations the targets whose tokens are attached
   * @param scheme how the tokens are presented
   */
  constructor(destinations: Destinations, tokens: AttachedTokens, scheme: TokenScheme = bearer) {
    this.#destinations = destinations;
    this.#tokens = tokens;
    this.#scheme = scheme;
  }

  /** Attaches tokens to the requests of an instance, until the function returned is called. */
  attach(instance: AxiosLike): () => void {
    learnErrorClasses(instance);
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
    config.adapter = this.wrap(adapterOf(config));
    return config;
  };

  async #send(adapter: AxiosAdapter, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
    try {
      const destination = this.#destinations.of(config);
      if (!destination) return await sendWithoutToken(adapter, config);
      throwIfUnable(adapter, config, destination);
      return await new TargetRequest(adapter, config, destination, this.#tokens, this.#scheme).send();
    } catch (error) {
      throw await inClassOf(config, error);
    }
  }
}

/** The request may share its agents with others that carry a token, so its errors are cleaned as well. */
async function sendWithoutToken(adapter: AxiosAdapter, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
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
