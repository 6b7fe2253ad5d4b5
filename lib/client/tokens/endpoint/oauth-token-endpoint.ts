import { requestHeaders } from '../../../authorization-servers/request-headers.js';
import type { EndpointResolver } from '../../../authorization-servers/endpoint-resolver.js';
import type { ClientAuthenticator } from '../../../client-authentication/client-authenticator.js';
import type { CredentialWatch } from '../../../client-authentication/cached-credential.js';
import type { CertificateAgents, ClientCertificate } from '../../../client-authentication/certificate-agents.js';
import { credentialCallbackOf } from '../../../client-authentication/client-authenticators.js';
import type { CredentialCallback } from '../../../client-authentication/credential-callback.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import { hasCode } from '../../../errors/has-code.js';
import type { AuthorizationServerHttp, UpstreamResponse } from '../../../http/authorization-server-http.js';
import type { BuiltRequest } from '../../../http/built-request.js';
import { printableUrl } from '../../../http/printable-url.js';
import { UpstreamError } from '../../../http/upstream.error.js';
import type { ResolvedOAuthClient } from '../../../options/resolved-options.js';
import type { Clock } from '../../../time/clock.js';
import { now } from '../../../time/moment.js';
import type { TokenQuota } from '../../events/stats.js';
import type { Grant } from '../grants/grant.js';
import type { IssuedToken } from '../token/cached-token.js';
import { buildTokenRequest, jsonBody } from './built-token-request.js';
import { classify } from './failure-class.js';
import { readQuota } from './quota.js';
import { credentialsOf } from './redaction.js';
import { parseMembers, refusal } from './token-error-response.js';
import type { TokenEndpoint } from './token-endpoint.js';
import { TokenRequestFailure } from './token-request-failure.js';
import { clockSkew } from './token-lifetime.js';
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
  /** What becomes of the client's credential. @default nobody */
  readonly credentialWatch?: CredentialWatch | undefined;
}

/**
 * An authorization server's token endpoint.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.2 RFC 6749, section 3.2}
 */
export class OAuthTokenEndpoint implements TokenEndpoint {
  readonly #client: ResolvedOAuthClient;
  readonly #authenticator: ClientAuthenticator;
  readonly #dependencies: OAuthTokenEndpointDependencies;
  /** `undefined` if the client's method takes no credential. */
  readonly credential: CredentialCallback | undefined;
  readonly #agents: CertificateAgents | undefined;
  #quota: readonly TokenQuota[] = [];
  #clockSkew: number | undefined;

  constructor(
    client: ResolvedOAuthClient,
    authenticator: ClientAuthenticator,
    dependencies: OAuthTokenEndpointDependencies,
  ) {
    this.#client = client;
    this.#authenticator = authenticator;
    this.#dependencies = dependencies;
    const { clock, http, credentialWatch } = dependencies;
    this.credential = credentialCallbackOf(client, authenticator, clock, credentialWatch);
    this.#agents = authenticator.certificateAgents?.(http.httpsAgent);
  }

  get quota(): readonly TokenQuota[] {
    return this.#quota;
  }

  get clockSkew(): number | undefined {
    return this.#clockSkew;
  }

  get certificate(): string | undefined {
    return this.#agents && this.credential?.thumbprint;
  }

  presentsCertificate(): boolean {
    return this.#agents !== undefined || (this.#dependencies.http.presentsCertificate?.() ?? false);
  }

  async request(
    grant: Grant,
    { timeout, answerTimeout = timeout }: Parameters<TokenEndpoint['request']>[1],
  ): Promise<IssuedToken> {
    const { clock } = this.#dependencies;
    const deadline = clock.monotonic() + timeout;
    let credential: unknown = '';
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
      const answer = await this.#send(grant, request, credential, left);
      const issued = await this.#read(grant, request, credential, answer, answersUntil);
      return { ...issued, requestedAt, certificate: this.#agents && (credential as ClientCertificate).thumbprint };
    } catch (thrown) {
      if (thrown instanceof TokenRequestFailure) throw thrown;
      const error =
        thrown instanceof UpstreamError ? new TokenEndpointError(thrown.message, { cause: thrown }) : (thrown as Error);
      const meaning = classify(error);
      // The endpoint has nothing to do with it.
      const isOwn = hasCode(error, 'ERR_M2M_CALLBACK') ? !sent : isCredentialLate && meaning === 'transient';
      const failureClass = isOwn ? 'no-credential' : meaning;
      // A server may refuse a certificate before it reads the request.
      if (this.#agents && sent && meaning === 'transient') this.credential?.doubt?.();
      throw new TokenRequestFailure(error, failureClass, sent, this.#fingerprint(credential));
    }
  }

  #fingerprint(credential: unknown): string | undefined {
    return credential === '' ? undefined : this.credential?.fingerprint(credential);
  }

  async #build(grant: Grant, credential: unknown, deadline: number): Promise<ReadyRequest> {
    const { clock } = this.#dependencies;
    const { authorizationServer: server, clientId, clientAuthentication } = this.#client;
    const url = await this.#url(deadline - clock.monotonic());
    const authentication = await this.#authenticator.authenticate({
      authentication: clientAuthentication,
      clientId,
      credential,
      assertionAudience: server.assertionAudience ?? server.issuer,
      tokenEndpoint: () => url,
      clock,
    });
    const request = await buildTokenRequest(
      { issuer: server.issuer, token_endpoint: url },
      clientId,
      authentication,
      grant,
    );
    const further = await requestHeaders(server, { purpose: 'token', url }, deadline - clock.monotonic(), clock);
    return { ...request, further };
  }

  #url(timeout: number): Promise<string> {
    const { authorizationServer: server } = this.#client;
    return this.#dependencies.endpoints.resolve(server, 'tokenEndpoint', timeout, this.#agents !== undefined);
  }

  async #send(
    grant: Grant,
    { url, headers, body, further }: ReadyRequest,
    credential: unknown,
    timeout: number,
  ): Promise<UpstreamResponse> {
    const json = this.#client.authorizationServer.requestFormat === 'json';
    const answer = await this.#dependencies.http.request({
      url,
      method: 'POST',
      headers: { ...headers, ...further, ...(json && { 'content-type': 'application/json' }) },
      body: json ? jsonBody(grant.parameters(), body) : body.toString(),
      timeout,
      httpsAgent: this.#agents?.for(credential as ClientCertificate),
    });
    const quota = readQuota(answer.headers);
    if (quota.length > 0) this.#quota = quota;
    this.#clockSkew = clockSkew(answer.headers, this.#dependencies.clock.wall());
    return answer;
  }

  async #read(
    grant: Grant,
    { url, headers, body, further }: ReadyRequest,
    credential: unknown,
    answer: UpstreamResponse,
    deadline: number,
  ): Promise<Omit<IssuedToken, 'requestedAt'>> {
    const { clock } = this.#dependencies;
    const { authorizationServer: server } = this.#client;
    const members = parseMembers(answer.body);
    // Some servers refuse with status 200.
    if (answer.status < 200 || answer.status > 299 || saysError(members)) {
      const text = typeof credential === 'string' ? credential : '';
      const hidden = [...credentialsOf(text, headers, body), ...Object.values(further)];
      const refused = refusal({ ...answer, members }, this.#client, grant, hidden, clock.wall());
      const { error, failureClass } = refused;
      throw new TokenRequestFailure(error, failureClass, true, this.#fingerprint(credential));
    }
    try {
      const read = await translatedResponse(members, server, deadline - clock.monotonic(), clock);
      const token = parseTokenResponse(read, answer.headers, server, clock.wall());
      return grant.accept?.(token, read, clock.wall()) ?? token;
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
