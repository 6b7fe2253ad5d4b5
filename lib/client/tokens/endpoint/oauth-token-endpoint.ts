import type { Agent } from 'node:https';
import { requestHeaders } from '../../../authorization-servers/request-headers.js';
import type { EndpointResolver } from '../../../authorization-servers/endpoint-resolver.js';
import type { ClientAuthenticator } from '../../../client-authentication/client-authenticator.js';
import { credentialCallbackOf } from '../../../client-authentication/client-authenticators.js';
import { fingerprint, type CredentialCallback } from '../../../client-authentication/credential-callback.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import { hasCode } from '../../../errors/has-code.js';
import type { AuthorizationServerHttp, UpstreamResponse } from '../../../http/authorization-server-http.js';
import { printableUrl } from '../../../http/printable-url.js';
import { UpstreamError } from '../../../http/upstream.error.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import type { Clock } from '../../../time/clock.js';
import { now } from '../../../time/moment.js';
import type { TokenQuota } from '../../events/stats.js';
import { inWords } from '../../events/requested-token.js';
import type { Grant } from '../grants/grant.js';
import type { IssuedToken } from '../token/cached-token.js';
import { buildRequest, type BuiltRequest, jsonBody } from './built-request.js';
import { classify } from './failure-class.js';
import { readQuota } from './quota.js';
import { credentialsOf } from './redaction.js';
import { parseMembers, refusal } from './token-error-response.js';
import type { TokenEndpoint } from './token-endpoint.js';
import { TokenRequestFailure } from './token-request-failure.js';
import { parseTokenResponse } from './token-response.js';
import { translatedResponse } from './translated-response.js';

/** A token request with the further headers of the options. */
interface ReadyRequest extends BuiltRequest {
  readonly further: Readonly<Record<string, string>>;
}

export interface OAuthTokenEndpointDependencies {
  readonly http: Pick<AuthorizationServerHttp, 'request'> &
    Partial<Pick<AuthorizationServerHttp, 'presentsCertificate' | 'httpsAgent'>>;
  readonly endpoints: EndpointResolver;
  readonly clock: Clock;
}

/**
 * An authorization server's token endpoint.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.2 RFC 6749, section 3.2}
 */
export class OAuthTokenEndpoint implements TokenEndpoint {
  readonly #client: ResolvedClient;
  readonly #authenticator: ClientAuthenticator;
  readonly #dependencies: OAuthTokenEndpointDependencies;
  /** `undefined` if the client's method takes neither secret nor client assertion. */
  readonly credential: CredentialCallback | undefined;
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
    this.credential = credentialCallbackOf(client, authenticator, dependencies.clock);
    this.#httpsAgent = authenticator.httpsAgent?.(client.clientAuthentication, dependencies.http.httpsAgent);
  }

  get quota(): readonly TokenQuota[] {
    return this.#quota;
  }

  presentsCertificate(): boolean {
    return this.#httpsAgent !== undefined || (this.#dependencies.http.presentsCertificate?.() ?? false);
  }

  async request(
    grant: Grant,
    { timeout, answerTimeout = timeout }: Parameters<TokenEndpoint['request']>[1],
  ): Promise<IssuedToken> {
    const { clock } = this.#dependencies;
    const deadline = clock.monotonic() + timeout;
    let credential = '';
    let isCredentialLate = true;
    let sent = false;
    try {
      credential = (await this.credential?.value(timeout)) ?? '';
      isCredentialLate = clock.monotonic() >= deadline;
      const answersUntil = Math.min(deadline, clock.monotonic() + answerTimeout);
      const request = await this.#build(grant, credential, answersUntil);
      const requestedAt = now(clock);
      const left = answersUntil - requestedAt.monotonic;
      if (left <= 0)
        throw new UpstreamError('timeout', `POST ${printableUrl(request.url)} was not sent: no time was left`);
      sent = true;
      const answer = await this.#send(grant, request, left);
      const issued = await this.#read(grant, request, credential, answer, answersUntil);
      return { ...issued, requestedAt };
    } catch (thrown) {
      if (thrown instanceof TokenRequestFailure) throw thrown;
      const error =
        thrown instanceof UpstreamError ? new TokenEndpointError(thrown.message, { cause: thrown }) : (thrown as Error);
      const meaning = classify(error);
      // The endpoint has nothing to do with it.
      const isOwn = hasCode(error, 'ERR_M2M_CALLBACK') ? !sent : isCredentialLate && meaning === 'transient';
      const failureClass = isOwn ? 'no-credential' : meaning;
      throw new TokenRequestFailure(error, failureClass, sent, this.credential && fingerprint(credential));
    }
  }

  async #build(grant: Grant, credential: string, deadline: number): Promise<ReadyRequest> {
    const { clock } = this.#dependencies;
    const { authorizationServer: server, clientId, clientAuthentication } = this.#client;
    const url = await this.#url(deadline - clock.monotonic());
    const authentication = await this.#authenticator.authenticate({
      authentication: clientAuthentication,
      clientId,
      credential,
      assertionAudience: server.assertionAudience ?? server.issuer,
      tokenEndpoint: url,
      clock,
    });
    const request = await buildRequest({ issuer: server.issuer, token_endpoint: url }, clientId, authentication, grant);
    const further = await requestHeaders(server, { purpose: 'token', url }, deadline - clock.monotonic(), clock);
    return { ...request, further };
  }

  #url(timeout: number): Promise<string> {
    const { authorizationServer: server } = this.#client;
    return this.#dependencies.endpoints.resolve(server, 'tokenEndpoint', timeout, this.#httpsAgent !== undefined);
  }

  async #send(grant: Grant, { url, headers, body, further }: ReadyRequest, timeout: number): Promise<UpstreamResponse> {
    const json = this.#client.authorizationServer.requestFormat === 'json';
    const answer = await this.#dependencies.http.request({
      url,
      method: 'POST',
      // Without a charset, which some servers refuse.
      headers: {
        ...headers,
        ...further,
        'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded',
      },
      body: json ? jsonBody(grant.parameters(), body) : body.toString(),
      timeout,
      httpsAgent: this.#httpsAgent,
    });
    const quota = readQuota(answer.headers);
    if (quota.length > 0) this.#quota = quota;
    return answer;
  }

  async #read(
    { requested }: Grant,
    { url, headers, body, further }: ReadyRequest,
    credential: string,
    answer: UpstreamResponse,
    deadline: number,
  ): Promise<Omit<IssuedToken, 'requestedAt'>> {
    const { clock } = this.#dependencies;
    const { authorizationServer: server } = this.#client;
    const members = parseMembers(answer.body);
    // Some servers refuse with status 200.
    if (answer.status < 200 || answer.status > 299 || saysError(members)) {
      const hidden = [...credentialsOf(credential, headers, body), ...Object.values(further)];
      const refused = refusal({ ...answer, members }, this.#client, inWords(requested), hidden, clock.wall());
      const { error, failureClass } = refused;
      throw new TokenRequestFailure(error, failureClass, true, this.credential && fingerprint(credential));
    }
    try {
      const read = await translatedResponse(members, server, deadline - clock.monotonic(), clock);
      return parseTokenResponse(read, answer.headers, server, this.#dependencies.clock.wall());
    } catch (error) {
      if (!hasCode(error, 'ERR_M2M_TOKEN_ENDPOINT')) throw error;
      const { message, cause } = error;
      throw new TokenEndpointError(`POST ${printableUrl(url)}: ${message}`, { cause });
    }
  }
}

/** Some servers write an error that is empty beside a token, and others an object or a flag in place of a name. */
function saysError({ error, access_token: token }: Readonly<Record<string, unknown>>): boolean {
  return typeof error === 'string' ? error !== '' : Boolean(error) && !token;
}
