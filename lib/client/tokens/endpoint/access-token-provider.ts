import { CallbackError } from '../../../errors/callback.error.js';
import { isM2MError } from '../../../errors/m2m.error.js';
import { UpstreamError } from '../../../http/upstream.error.js';
import type { M2MAccessTokenRequest } from '../../../options/access-token-provider.js';
import { clientPath } from '../../../options/client-name.js';
import type { ResolvedProviderClient } from '../../../options/resolved-options.js';
import { callbackOutcome } from '../../../time/callback.js';
import type { Clock } from '../../../time/clock.js';
import { now } from '../../../time/moment.js';
import type { Grant } from '../grants/grant.js';
import type { IssuedToken } from '../token/cached-token.js';
import { readProvidedToken, type ProvidedToken } from './provided-token.js';
import type { TokenEndpoint } from './token-endpoint.js';
import { TokenRequestFailure } from './token-request-failure.js';

/** What a call of the function brought. */
type Provided =
  { readonly token: ProvidedToken; readonly error: undefined } | { readonly token: undefined; readonly error: Error };

/** A function of the options in the place of a token endpoint. */
export class AccessTokenProvider implements TokenEndpoint {
  readonly #client: ResolvedProviderClient;
  readonly #clock: Clock;
  /** The path of the function in the options. */
  readonly #option: string;

  constructor(client: ResolvedProviderClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
    this.#option = `${clientPath(client.name)}.accessTokenProvider`;
  }

  async request(
    { requested: { audience, resource, scope } }: Grant,
    { timeout, answerTimeout = timeout }: Parameters<TokenEndpoint['request']>[1],
  ): Promise<IssuedToken> {
    const requestedAt = now(this.#clock);
    const controller = new AbortController();
    const request = Object.freeze({ audience, resource, scope, signal: controller.signal });
    const time = Math.min(timeout, answerTimeout);
    const outcome = await callbackOutcome(() => this.#ask(request), time, this.#clock);
    if (!outcome) {
      const problem = `did not answer in ${Math.ceil(time)} ms`;
      controller.abort(new DOMException(problem, 'TimeoutError'));
      throw this.#failure(problem, new UpstreamError('timeout', problem));
    }
    if (outcome.failure !== undefined) throw this.#failure(`failed with ${outcome.failure}`);
    const { token, error } = outcome.value;
    if (error) throw new TokenRequestFailure(error, 'no-token', true);
    return { ...token, requestedAt };
  }

  /** The token, or the error of this package that the function threw. What else it throws may be secret. */
  async #ask(request: M2MAccessTokenRequest): Promise<Provided> {
    try {
      const returned: unknown = await this.#client.accessTokenProvider(request);
      return { token: readProvidedToken(this.#option, returned, this.#clock.wall()), error: undefined };
    } catch (error) {
      if (isM2MError(error)) return { token: undefined, error };
      throw error;
    }
  }

  #failure(problem: string, cause?: UpstreamError): TokenRequestFailure {
    return new TokenRequestFailure(new CallbackError(this.#option, problem, { cause }), 'no-token', true);
  }
}
