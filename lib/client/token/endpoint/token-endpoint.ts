import {
  allowInsecureRequests,
  clientCredentialsGrantRequest,
  customFetch,
  type CustomFetchOptions,
} from 'oauth4webapi';
import type { EndpointResolver } from '../../../authorization-servers/endpoint-resolver.js';
import type { Clock } from '../../../clock.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import type { AuthorizationServerHttp, UpstreamResponse } from '../../../http/authorization-server-http.js';
import { UpstreamError } from '../../../http/upstream.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import { authenticate } from '../../authentication/authenticate.js';
import { ClientSecret } from '../../authentication/client-secret.js';
import type { AskedToken } from '../../events.js';
import { inWords } from '../asked-token.js';
import type { IssuedToken } from '../life/held-token.js';
import { now, type Instant } from '../life/instant.js';
import { credentialsOf } from './redaction.js';
import { formParameters, jsonParameters, type WireParameters } from './token-parameters-on-the-wire.js';
import { parsed, refusal } from './token-refusal.js';
import { readTokenResponse } from './token-response.js';

export interface TokenEndpointDependencies {
  readonly http: Pick<AuthorizationServerHttp, 'request'>;
  readonly endpoints: EndpointResolver;
  readonly clock: Clock;
}

/** A token, and when the request for it left: from then on its lifetime counts. */
export interface FetchedToken {
  readonly issued: IssuedToken;
  readonly requestedAt: Instant;
}

/** An authorization server's token endpoint, as one client uses it. */
export class TokenEndpoint {
  readonly #secret: ClientSecret;

  constructor(
    private readonly client: ResolvedClient,
    private readonly dependencies: TokenEndpointDependencies,
  ) {
    this.#secret = new ClientSecret(client);
  }

  /**
   * Requests a token, once.
   *
   * @param timeout milliseconds for all of it, discovery included
   * @throws TokenRequestError, TokenEndpointError, DiscoveryError
   */
  async request(parameters: WireParameters, asked: AskedToken, timeout: number): Promise<FetchedToken> {
    const { endpoints, clock } = this.dependencies;
    const deadline = clock.monotonic() + timeout;
    const remaining = (): number => Math.max(1, deadline - clock.monotonic());
    const { authorizationServer: server, clientId } = this.client;
    const url = await endpoints.resolve(server, 'tokenEndpoint', remaining());
    const authentication = await authenticate(this.client, this.#secret);
    const requestedAt = now(clock);
    try {
      const answer = await clientCredentialsGrantRequest(
        { issuer: server.issuer, token_endpoint: url },
        { client_id: clientId },
        authentication,
        formParameters(parameters),
        {
          [customFetch]: (to, options) => this.#send(to, options, parameters, asked, remaining()),
          // What is insecure is refused by AuthorizationServerHttp, which knows loopback hosts.
          [allowInsecureRequests]: true,
        },
      );
      return { issued: await readTokenResponse(await answer.text(), this.client), requestedAt };
    } catch (error) {
      if (error instanceof UpstreamError) throw new TokenEndpointError(error.message, { cause: error });
      if (error instanceof TokenEndpointError) throw new TokenEndpointError(`POST ${url}: ${error.message}`);
      throw error;
    }
  }

  async #send(
    url: string,
    { method, headers, body }: CustomFetchOptions<'POST', URLSearchParams>,
    parameters: WireParameters,
    asked: AskedToken,
    timeout: number,
  ): Promise<Response> {
    const json = this.client.authorizationServer.requestFormat === 'json';
    const upstream = await this.dependencies.http.request({
      url,
      method,
      headers: json ? { ...headers, 'content-type': 'application/json' } : headers,
      body: json ? jsonParameters(parameters, body) : body.toString(),
      timeout,
    });
    const answer = { ...upstream, body: upstream.body.toString('utf8') };
    if (isToken(upstream, answer.body)) return new Response(answer.body);
    throw refusal(answer, this.client, inWords(asked), credentialsOf(headers, body));
  }
}

/** Some servers say no with status 200. */
function isToken({ status }: UpstreamResponse, body: string): boolean {
  return status === 200 && typeof parsed(body)['error'] !== 'string';
}
