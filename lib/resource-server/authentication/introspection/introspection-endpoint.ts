import type { EndpointResolver } from '../../../authorization-servers/endpoint-resolver.js';
import { withRequestHeaders } from '../../../authorization-servers/request-headers.js';
import type { CertificateAgents, ClientCertificate } from '../../../client-authentication/certificate-agents.js';
import type { ClientAuthenticator } from '../../../client-authentication/client-authenticator.js';
import { authenticatorOf, credentialCallbackOf } from '../../../client-authentication/client-authenticators.js';
import type { CredentialCallback } from '../../../client-authentication/credential-callback.js';
import { hasCode } from '../../../errors/has-code.js';
import { KeysUnavailableError } from '../../../errors/keys-unavailable.error.js';
import { isM2MError } from '../../../errors/m2m.error.js';
import type { AuthorizationServerHttp, UpstreamResponse } from '../../../http/authorization-server-http.js';
import { UpstreamError } from '../../../http/upstream.error.js';
import type { ResolvedIntrospection } from '../../../options/introspection-fields.js';
import type { ResolvedIssuer } from '../../../options/resolved-options.js';
import type { Clock } from '../../../time/clock.js';
import { now, type Moment } from '../../../time/moment.js';
import { buildIntrospectionRequest } from './introspection-request.js';
import { isAboutCredentials, readIntrospectionResponse, type IntrospectionResponse } from './introspection-response.js';

/** What requests to an introspection endpoint are made with. */
export interface IntrospectionEnvironment {
  readonly http: Pick<AuthorizationServerHttp, 'request' | 'httpsAgent'>;
  readonly endpoints: EndpointResolver;
  readonly clock: Clock;
}

/**
 * The introspection endpoint of an issuer, as one client sees it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2 RFC 7662, section 2}
 */
export class IntrospectionEndpoint {
  readonly #issuer: ResolvedIssuer;
  readonly #options: ResolvedIntrospection;
  readonly #environment: IntrospectionEnvironment;
  readonly #authenticator: ClientAuthenticator;
  readonly #credential: CredentialCallback | undefined;
  readonly #agents: CertificateAgents | undefined;

  constructor(issuer: ResolvedIssuer, options: ResolvedIntrospection, environment: IntrospectionEnvironment) {
    this.#issuer = issuer;
    this.#options = options;
    this.#environment = environment;
    this.#authenticator = authenticatorOf(options.clientAuthentication);
    const path = `${issuer.path}.introspection`;
    this.#credential = credentialCallbackOf(options, this.#authenticator, environment.clock, undefined, path);
    this.#agents = this.#authenticator.certificateAgents?.(environment.http.httpsAgent);
  }

  /**
   * What the authorization server says of a token, and when it was asked.
   *
   * @throws KeysUnavailableError if it does not say
   */
  async ask(token: string): Promise<IntrospectionResponse & { readonly asOf: Moment }> {
    try {
      return await this.#ask(token, this.#environment.clock.monotonic() + this.#options.timeout);
    } catch (error) {
      throw unavailable(this.#issuer, error);
    }
  }

  /** Resolves if the endpoint is known. @throws KeysUnavailableError */
  async ready(): Promise<void> {
    try {
      await this.#url(this.#options.timeout);
    } catch (error) {
      throw unavailable(this.#issuer, error);
    }
  }

  async #ask(token: string, deadline: number) {
    const first = await this.#send(token, deadline);
    const isRefused = isAboutCredentials(first.answer, this.#issuer);
    // The function may return another credential by now.
    const isChanged = isRefused && (await this.#isCredentialChanged(first.credential, deadline));
    const { answer, asOf } = isChanged ? await this.#send(token, deadline) : first;
    return { ...readIntrospectionResponse(answer, this.#issuer, asOf.wall), asOf };
  }

  async #send(token: string, deadline: number) {
    const { http, clock } = this.#environment;
    const { authorizationServer: server } = this.#issuer;
    const left = (): number => Math.max(0, deadline - clock.monotonic());
    const credential = (await this.#credential?.value(left())) ?? '';
    const url = await this.#url(left());
    const authentication = await this.#authenticator.authenticate({
      authentication: this.#options.clientAuthentication,
      clientId: this.#options.clientId,
      credential,
      assertionAudience: server.assertionAudience ?? server.issuer,
      tokenEndpoint: () => this.#environment.endpoints.resolve(server, 'tokenEndpoint', left()),
      clock,
    });
    const metadata = { issuer: server.issuer, introspection_endpoint: url };
    const request = await buildIntrospectionRequest(metadata, this.#options.clientId, authentication, token);
    const body = request.body.toString();
    const httpsAgent = this.#agents?.for(credential as ClientCertificate);
    const fetch = withRequestHeaders((sent) => http.request({ ...sent, httpsAgent }), server, 'introspection', clock);
    if (left() === 0) throw new UpstreamError('timeout', 'the request was not sent: no time was left');
    const asOf = now(clock);
    try {
      const answer: UpstreamResponse = await fetch({ ...request, method: 'POST', body, timeout: left() });
      return { answer, asOf, credential };
    } catch (error) {
      // A server may refuse a certificate before it reads the request.
      if (this.#agents) this.#credential?.doubt?.();
      throw error;
    }
  }

  async #isCredentialChanged(credential: unknown, deadline: number): Promise<boolean> {
    const callback = this.#credential;
    if (!callback || credential === '') return false;
    const left = Math.max(0, deadline - this.#environment.clock.monotonic());
    return callback.changedSince(callback.fingerprint(credential), left);
  }

  #url(timeout: number): Promise<string> {
    const { authorizationServer: server } = this.#issuer;
    const isMutualTls = this.#agents !== undefined;
    return this.#environment.endpoints.resolve(server, 'introspectionEndpoint', timeout, isMutualTls);
  }
}

/** Nothing but the errors of this package is shown: another may hold the request. */
function unavailable({ authorizationServer: { name, issuer }, path }: ResolvedIssuer, error: unknown): Error {
  if (hasCode(error, 'ERR_M2M_KEYS_UNAVAILABLE')) return error;
  const isKnown = isM2MError(error) || error instanceof UpstreamError;
  const why = isKnown ? error.message : 'the request could not be made';
  const message = `${name} (${issuer}) cannot be asked about tokens (${path}.introspection): ${why}`;
  return new KeysUnavailableError(message, 1, { cause: isKnown ? error : undefined });
}
