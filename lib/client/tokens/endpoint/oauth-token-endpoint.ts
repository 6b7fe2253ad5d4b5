import type { Agent } from 'node:https';
import {
  allowInsecureRequests,
  clientCredentialsGrantRequest,
  customFetch,
  type CustomFetchOptions,
} from 'oauth4webapi';
import type { EndpointResolver } from '../../../authorization-servers/endpoint-resolver.js';
import type { Clock } from '../../../time/clock.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import type { AuthorizationServerHttp, UpstreamResponse } from '../../../http/authorization-server-http.js';
import { bareUrl } from '../../../http/bare-url.js';
import { UpstreamError } from '../../../http/upstream.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import type { ClientAuthenticator } from '../../../client-authentication/client-authenticator.js';
import type { RequestedToken } from '../../events/m2m-client-event.js';
import type { TokenQuota } from '../../events/stats.js';
import { inWords } from '../token/requested-token.js';
import type { IssuedToken } from '../token/cached-token.js';
import { now, type Moment } from '../../../time/moment.js';
import { readQuota } from './quota.js';
import { credentialsOf } from './redaction.js';
import { formParameters, jsonParameters, type WireParameters } from './token-request-parameters.js';
import { parsed, refusal } from './token-error-response.js';
import { readTokenResponse } from './token-response.js';

export interface OAuthTokenEndpointDependencies {
  readonly http: Pick<AuthorizationServerHttp, 'request'>;
  readonly endpoints: EndpointResolver;
  readonly clock: Clock;
}

/** A token, and when the request for it left: from then on its lifetime counts. */
export interface FetchedToken {
  readonly issued: IssuedToken;
  readonly requestedAt: Moment;
}

/** One request to a token endpoint. */
export interface TokenEndpointRequest {
  readonly parameters: WireParameters;
  readonly requested: RequestedToken;
  /** The client's secret, or an assertion that somebody else made; empty where it has neither. */
  readonly credentials: string;
  /** Milliseconds for all of it, discovery included. */
  readonly timeout: number;
  /** Called when the request is about to leave; where it throws, nothing leaves. */
  onSend(): void;
}

/** An authorization server's token endpoint, as one client uses it. */
export class OAuthTokenEndpoint {
  readonly #client: ResolvedClient;
  readonly #authenticator: ClientAuthenticator;
  readonly #dependencies: OAuthTokenEndpointDependencies;
  readonly #httpsAgent: Agent | undefined;
  #quota: readonly TokenQuota[] = [];

  constructor(
    client: ResolvedClient,
    authenticator: ClientAuthenticator,
    dependencies: OAuthTokenEndpointDependencies,
  ) {
    this.#client = client;
    this.#authenticator = authenticator;
    this.#dependencies = dependencies;
    this.#httpsAgent = authenticator.httpsAgent?.(client.clientAuthentication);
  }

  /** How many token requests the server still takes, as far as it says. */
  get quota(): readonly TokenQuota[] {
    return this.#quota;
  }

  /**
   * Requests a token, once.
   *
   * @throws TokenRequestError, TokenEndpointError, DiscoveryError; what `onSend` throws
   */
  async request(request: TokenEndpointRequest): Promise<FetchedToken> {
    const { clock } = this.#dependencies;
    const deadline = clock.monotonic() + request.timeout;
    const url = await this.#url(request.timeout);
    const { authorizationServer: server, clientId, clientAuthentication } = this.#client;
    const authentication = await this.#authenticator.authenticate({
      authentication: clientAuthentication,
      clientId,
      credential: request.credentials,
      assertionAudience: server.assertionAudience ?? server.issuer,
      clock,
    });
    const requestedAt = now(clock);
    try {
      const answer = await clientCredentialsGrantRequest(
        { issuer: server.issuer, token_endpoint: url },
        { client_id: clientId },
        authentication,
        formParameters(request.parameters),
        {
          [customFetch]: (to, options) => this.#send(to, options, request, deadline - requestedAt.monotonic),
          // What is insecure is refused by AuthorizationServerHttp, which knows loopback hosts.
          [allowInsecureRequests]: true,
        },
      );
      return { issued: await readTokenResponse(await answer.text(), this.#client), requestedAt };
    } catch (error) {
      if (error instanceof UpstreamError) throw new TokenEndpointError(error.message, { cause: error });
      if (error instanceof TokenEndpointError) {
        throw new TokenEndpointError(`POST ${bareUrl(url)}: ${error.message}`, { cause: error.cause });
      }
      throw error;
    }
  }

  /** @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-5 RFC 8705, section 5} */
  async #url(timeout: number): Promise<string> {
    const { endpoints } = this.#dependencies;
    const { authorizationServer: server } = this.#client;
    if (this.#httpsAgent && server.tokenEndpoint === undefined) {
      const { mtls_endpoint_aliases: aliases } = await endpoints.metadata(server.issuer, timeout);
      const alias: unknown = (aliases as Record<string, unknown> | undefined)?.['token_endpoint'];
      if (typeof alias === 'string' && URL.canParse(alias)) return alias;
    }
    return endpoints.resolve(server, 'tokenEndpoint', timeout);
  }

  async #send(
    url: string,
    { method, headers, body }: CustomFetchOptions<'POST', URLSearchParams>,
    { parameters, requested, credentials, onSend }: TokenEndpointRequest,
    timeout: number,
  ): Promise<Response> {
    if (timeout <= 0) throw new UpstreamError('timeout', `${method} ${bareUrl(url)} was not sent: no time was left`);
    onSend();
    const json = this.#client.authorizationServer.requestFormat === 'json';
    const upstream = await this.#dependencies.http.request({
      url,
      method,
      headers: json ? { ...headers, 'content-type': 'application/json' } : headers,
      body: json ? jsonParameters(parameters, body) : body.toString(),
      timeout,
      httpsAgent: this.#httpsAgent,
    });
    const quota = readQuota(upstream.headers);
    if (quota.length > 0) this.#quota = quota;
    const answer = { ...upstream, body: upstream.body.toString('utf8') };
    if (isToken(upstream, answer.body)) return new Response(answer.body);
    const hidden = credentialsOf(credentials, headers, body);
    throw refusal(answer, this.#client, inWords(requested), hidden, this.#dependencies.clock.wall());
  }
}

/** Some servers say no with status 200. */
function isToken({ status }: UpstreamResponse, body: string): boolean {
  return status === 200 && typeof parsed(body)['error'] !== 'string';
}
