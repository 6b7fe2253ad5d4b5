import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { isOpen, requireOpen } from '../../caller/caller-token.js';
import { copyOfRequest, requestedParameters } from '../../options/requested-parameters.js';
import { memberOf } from '../../validation/checks.js';
import type { AccessToken } from '../tokens/token/access-token.js';
import { attachToken } from './attaching.js';
import type { AttachedTokens, ClientTokens } from './client-tokens.js';
import { RequestDeadline } from './request-deadline.js';
import type { Destination } from './destination.js';
import { lacksCertificate } from './bound-certificate.js';
import { askRejectedWhen } from './rejected-when.js';
import { applyAnswer, applyRule, discard, isFromTarget, isRepeatable, isReplayable } from './rejection.js';
import { sanitizeError, sanitizeResponse } from './sanitize.js';
import { missingScopes } from './schemes/challenges.js';
import type { Observation, TokenScheme } from './schemes/token-scheme.js';
import { certificateMissing, scopeRefused } from '../events/target-log.js';
import { exchangeUse, refuseCaller, relayedToken } from './token-choice.js';
import type { TokenUse } from './token-use.js';

/** The response or the error of an adapter, and what it means for the token. */
interface Outcome {
  readonly response: AxiosResponse | undefined;
  readonly observed: Observation;
  readonly failure: { readonly error: unknown } | undefined;
  /** What somebody can do about the refusal, for the error. */
  readonly hint?: string | undefined;
}

const noneInTime = (): undefined => undefined;

/** One request to a target: it gets its token, is sent, and is sent once more if the token is rejected. */
export class TargetRequest {
  readonly #adapter: AxiosAdapter;
  readonly #config: InternalAxiosRequestConfig;
  readonly #destination: Destination;
  readonly #tokens: AttachedTokens;
  readonly #scheme: TokenScheme;
  readonly #deadline: RequestDeadline;
  #client!: ClientTokens;
  #use!: TokenUse;
  /** The request as it was sent last. */
  #sent: InternalAxiosRequestConfig;

  /** @param config the request as its caller made it */
  constructor(
    adapter: AxiosAdapter,
    config: InternalAxiosRequestConfig,
    destination: Destination,
    tokens: AttachedTokens,
    scheme: TokenScheme,
  ) {
    this.#adapter = adapter;
    this.#config = config;
    this.#sent = config;
    this.#destination = destination;
    this.#tokens = tokens;
    this.#scheme = scheme;
    const timeout = config.timeout || destination.target.http.timeout;
    this.#deadline = new RequestDeadline(config, adapter, timeout, tokens.clock);
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
    const { target, client } = this.#destination;
    const { m2m } = this.#config;
    let request = m2m === false ? undefined : m2m;
    if (target.tokenChoice === 'relay') {
      const token = await this.#deadline.for(relayedToken(target, request));
      return this.#result(await this.#attempt(token));
    }
    const found = this.#tokens.of(client);
    if (found instanceof Promise) {
      if (request !== undefined) request = copyOfRequest(request);
      this.#client = await this.#deadline.for(found);
    } else {
      this.#client = found;
    }
    const { name, manager } = this.#client;
    const usual = this.#client.parametersFor(target);
    const parameters = request === undefined ? usual : requestedParameters(usual, request);
    const isExchanged = target.tokenChoice === 'exchange';
    if (isExchanged)
      this.#use = await this.#deadline.for(exchangeUse(this.#client, target, parameters, request, this.#tokens.clock));
    else {
      if (request !== undefined) refuseCaller(target, request);
      this.#use = { target, client: name, parameters, manager };
    }
    const forceRenewal = request && memberOf(request, 'forceRenewal');
    const token = await this.#deadline.for(this.#use.manager.getAccessToken(this.#use.parameters, { forceRenewal }));
    const { onBehalfOf } = this.#use;
    if (onBehalfOf) requireOpen(onBehalfOf);
    return this.#result(await this.#sendWith(token));
  }

  #result({ response, failure, hint }: Outcome): AxiosResponse {
    const { href } = this.#destination.url;
    if (failure) throw withHint(sanitizeError(failure.error, this.#config, href), hint);
    return sanitizeResponse(response as AxiosResponse, this.#config, href);
  }

  /** Sends the request, and once more with another token if its token is rejected. */
  async #sendWith(token: AccessToken): Promise<Outcome> {
    const first = await this.#attempt(token);
    const { observed, response } = first;
    if (!response || (observed !== 'rejected' && observed !== 'unchallenged')) return first;
    if (this.#hasEnded()) return first;
    const { rejected } = this.#client;
    const isUseless = lacksCertificate(token.value, this.#sent);
    const replacing = isUseless
      ? this.#tokenOfNewCertificate(token)
      : rejected.replace(token, this.#use, observed === 'rejected');
    const replacement = await this.#deadline.for(replacing, noneInTime).catch((error: unknown) => {
      discard(response.data);
      throw error;
    });
    if (isUseless && !replacement) {
      rejected.log.certificateMissing(this.#use);
      return { ...first, hint: certificateMissing(this.#use) };
    }
    if (!replacement || !isReplayable(this.#config) || !isRepeatable(this.#config, response.status)) return first;
    if (this.#hasEnded()) return first;
    discard(response.data);
    const second = await this.#attempt(replacement);
    if (second.observed === 'accepted') rejected.accepted(this.#use);
    if (second.observed === 'unchallenged') rejected.ignore(this.#use);
    return second;
  }

  /** Whether its token is that of a caller whose request has ended meanwhile. */
  #hasEnded(): boolean {
    const { onBehalfOf } = this.#use;
    return onBehalfOf !== undefined && !isOpen(onBehalfOf);
  }

  /**
   * The token for the certificate that the connection presents, if the client authenticates with that by now. `undefined`: a
   * new token would be of no use.
   */
  async #tokenOfNewCertificate(bound: AccessToken): Promise<AccessToken | undefined> {
    const { parameters, manager } = this.#use;
    const token = await manager.ofNewCertificate(parameters, bound).catch(() => undefined);
    const isOfUse = token !== undefined && !lacksCertificate(token.value, this.#sent);
    this.#client.rejected.log.rejected(this.#use, isOfUse);
    return isOfUse ? token : undefined;
  }

  /** Sends the request, and once more with the same token if the scheme asks for it. */
  async #attempt(token: Pick<AccessToken, 'value'>, isRepeated = false): Promise<Outcome> {
    this.#deadline.throwIfOver();
    this.#deadline.body?.handOver();
    const { method = 'get' } = this.#config;
    const { url } = this.#destination;
    const headers = this.#scheme.prepare({ method: method.toUpperCase(), url, token: token.value });
    const sent = attachToken(this.#config, this.#destination, headers);
    this.#sent = sent;
    this.#deadline.shorten(sent);
    let response: AxiosResponse | undefined;
    let failure: Outcome['failure'];
    try {
      response = await this.#adapter(sent);
    } catch (error) {
      this.#deadline.correct(error, sent);
      failure = { error };
      response = (error as { response?: AxiosResponse } | undefined)?.response;
    }
    if (!response) return { response, observed: 'unknown', failure };
    const observed = this.#observe(response, headers);
    const outcome = { response, observed: typeof observed === 'string' ? observed : await observed, failure };
    if (outcome.observed !== 'again') return this.#withScope(outcome, response, headers);
    if (isRepeated || !isReplayable(this.#config)) return outcome;
    discard(response.data);
    return this.#attempt(token, true);
  }

  /** What a response means for the token, by the scheme and the target's `rejectedWhen`. */
  #observe(response: AxiosResponse, headers: Readonly<Record<string, string>>): Observation | Promise<Observation> {
    const { target, url } = this.#destination;
    const { status } = response;
    if (!isFromTarget(response, headers)) return status < 400 ? 'accepted' : 'unknown';
    const { rejectedWhen } = target;
    const observed = this.#scheme.observe(url.origin, response);
    if (typeof rejectedWhen !== 'function') return applyRule(rejectedWhen, observed, status);
    const { clock } = this.#tokens;
    const { rejected } = this.#client;
    const failed = (how: string): void => rejected.log.rejectedWhenFailed(this.#use, how);
    return askRejectedWhen(rejectedWhen, response, clock, failed).then((rejects) => applyAnswer(rejects, observed));
  }

  /** The outcome, with the scope that the target asks for. */
  #withScope(outcome: Outcome, response: AxiosResponse, headers: Readonly<Record<string, string>>): Outcome {
    if (response.status !== 403 && response.status !== 401) return outcome;
    // What the token of a caller lacks is a matter of that caller.
    if (this.#destination.target.tokenChoice === 'relay') return outcome;
    const missing = isFromTarget(response, headers) ? missingScopes(response.headers) : undefined;
    if (!missing) return outcome;
    this.#client.rejected.log.scopeRefused(this.#use, missing);
    return { ...outcome, hint: scopeRefused(this.#use, missing) };
  }
}

/** An error whose message and stack say what somebody can do. */
function withHint(error: unknown, hint: string | undefined): unknown {
  if (hint === undefined || !(error instanceof Error)) return error;
  const { message, stack } = error;
  error.message = `${message}: ${hint}`;
  error.stack = stack?.replace(message, () => error.message);
  return error;
}
