import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { requestedParameters } from '../../options/requested-parameters.js';
import type { ResolvedClient } from '../../options/resolved-options.js';
import type { Clock } from '../../time/clock.js';
import type { TokenManager } from '../tokens/token-manager.js';
import type { AccessToken } from '../tokens/token/access-token.js';
import { attachToken } from './attaching.js';
import { RequestDeadline } from './request-deadline.js';
import type { Destination } from './destination.js';
import type { RejectedTokens, TokenUse } from './rejected-tokens.js';
import { observeResponse, discard, isReplayable } from './rejection.js';
import { sanitizeError, sanitizeResponse } from './sanitize.js';
import type { Observation, TokenScheme } from './schemes/token-scheme.js';

/** Where attached tokens come from, and where rejected ones go. */
export interface AttachedTokens {
  of(client: ResolvedClient): Pick<TokenManager, 'getAccessToken'>;
  readonly rejected: RejectedTokens;
  /** Measures the timeouts of requests to targets. */
  readonly clock: Clock;
}

/** The response or the error of an adapter, and what it means for the token. */
interface Outcome {
  readonly response: AxiosResponse | undefined;
  readonly observed: Observation;
  readonly failure: { readonly error: unknown } | undefined;
}

const noneInTime = (): undefined => undefined;

/** One request to a target: it gets its token, is sent, and is sent once more if the token is rejected. */
export class TargetRequest {
  readonly #adapter: AxiosAdapter;
  readonly #config: InternalAxiosRequestConfig;
  readonly #destination: Destination;
  readonly #tokens: AttachedTokens;
  readonly #scheme: TokenScheme;
  readonly #use: TokenUse;
  readonly #deadline: RequestDeadline;

  /** @param config the request as its caller made it */
  constructor(
    adapter: AxiosAdapter,
    config: InternalAxiosRequestConfig,
    destination: Destination,
    tokens: AttachedTokens,
    scheme: TokenScheme,
  ) {
    const { target } = destination;
    const { m2m, timeout } = config;
    const parameters = m2m === undefined || m2m === false ? target.request : requestedParameters(target.request, m2m);
    this.#adapter = adapter;
    this.#config = config;
    this.#destination = destination;
    this.#tokens = tokens;
    this.#scheme = scheme;
    this.#use = { target, parameters, manager: tokens.of(target.client) };
    this.#deadline = new RequestDeadline(config, adapter, timeout || target.http.timeout, tokens.clock);
  }

  /** @throws the errors of the token request, and those of the adapter without any way to the token */
  async send(): Promise<AxiosResponse> {
    const { body } = this.#deadline;
    if (!body) return this.#sendWithToken();
    try {
      const response = await this.#sendWithToken();
      body.release();
      return response;
    } catch (error) {
      body.abandon();
      throw error;
    }
  }

  async #sendWithToken(): Promise<AxiosResponse> {
    const { manager, parameters } = this.#use;
    const { m2m } = this.#config;
    const forceRenewal = m2m ? m2m.forceRenewal : undefined;
    const token = await this.#deadline.for(manager.getAccessToken(parameters, { forceRenewal }));
    const { response, failure } = await this.#sendWith(token);
    const { href } = this.#destination.url;
    if (failure) throw sanitizeError(failure.error, this.#config, href);
    return sanitizeResponse(response as AxiosResponse, this.#config, href);
  }

  /** Sends the request, and once more with another token if its token is rejected. */
  async #sendWith(token: AccessToken): Promise<Outcome> {
    const { rejected } = this.#tokens;
    const first = await this.#attempt(token);
    if (first.observed !== 'rejected' || !isReplayable(this.#config)) return first;
    const replacement = await this.#deadline.for(rejected.replace(token, this.#use), noneInTime);
    if (!replacement) return first;
    discard(first.response?.data);
    const second = await this.#attempt(replacement);
    if (second.observed === 'accepted') rejected.accepted(this.#use);
    return second;
  }

  /** Sends the request, and once more with the same token if the scheme asks for it. */
  #attempt(token: AccessToken, isRepeated = false): Promise<Outcome> {
    this.#deadline.throwIfOver();
    this.#deadline.body?.handOver();
    const { method = 'get' } = this.#config;
    const { url } = this.#destination;
    const headers = this.#scheme.prepare({ method: method.toUpperCase(), url, token: token.value });
    const sent = attachToken(this.#config, this.#destination, headers);
    this.#deadline.shorten(sent);
    const conclude = (response: AxiosResponse | undefined, failure: Outcome['failure']): Outcome | Promise<Outcome> => {
      const observed = response ? observeResponse(this.#scheme, this.#destination, headers, response) : 'unknown';
      if (observed !== 'again' || isRepeated || !isReplayable(this.#config)) return { response, observed, failure };
      discard(response?.data);
      return this.#attempt(token, true);
    };
    return this.#adapter(sent).then(
      (response) => conclude(response, undefined),
      (error: unknown) => conclude((error as { response?: AxiosResponse } | undefined)?.response, { error }),
    );
  }
}
