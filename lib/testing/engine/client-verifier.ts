import type { X509Certificate } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import type { Clock } from '../../time/clock.js';
import type { Dialect } from './dialect.js';
import { readCredentials, type PresentedCredentials } from './presented-credentials.js';
import type { Parameters, ReceivedRequest } from './received-request.js';
import { Refusal } from './refusal.js';
import type { RegisteredClient, Registry } from './registry.js';

const SYMMETRIC = ['HS256', 'HS384', 'HS512'];
const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** Finds out which client sends a token request, and whether it is that client. */
export class ClientVerifier {
  private readonly usedAssertions = new Set<string>();

  constructor(
    private readonly style: Dialect['clientAuthentication'],
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {}

  /**
   * @param assertionAudience what an assertion may carry in `aud`
   * @throws Refusal
   */
  async verify(
    request: ReceivedRequest,
    parameters: Parameters,
    assertionAudience: readonly string[],
  ): Promise<RegisteredClient> {
    const credentials = readCredentials(request, parameters, this.style.basic);
    const client = this.registry.find(credentials.clientId);
    if (!client) throw new Refusal('unknown_client', credentials.clientId);
    this.checkMethod(client, credentials);
    const { method, proof = '' } = credentials;
    if (method === 'client_secret_basic' || method === 'client_secret_post') checkSecret(client, proof);
    if (method === 'self_signed_tls_client_auth') checkCertificate(client, request.certificate);
    if (method.endsWith('_jwt')) await this.checkAssertion(client, proof, method, assertionAudience);
    return client;
  }

  private checkMethod(client: RegisteredClient, { method }: PresentedCredentials): void {
    const { methods, registered } = this.style;
    const only = client.authentication ?? (usesSecret(client) ? registered : undefined);
    const allowed = only === undefined ? methods.includes(method) : method === only;
    if (!allowed) throw new Refusal('unregistered_method', method);
    if (method === 'none' && (usesSecret(client) || client.publicKey || client.certificate)) {
      throw new Refusal('no_credentials');
    }
  }

  /** @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 RFC 7523, section 3} */
  private async checkAssertion(
    client: RegisteredClient,
    assertion: string,
    method: string,
    audience: readonly string[],
  ): Promise<void> {
    const symmetric = method === 'client_secret_jwt';
    const key = symmetric ? client.secret && new TextEncoder().encode(client.secret) : client.publicKey;
    if (!key) throw new Refusal('unregistered_method', method);
    const { federatedAs } = client;
    try {
      const { payload } = await jwtVerify(assertion, key, {
        issuer: federatedAs?.issuer ?? client.id,
        subject: federatedAs?.subject ?? client.id,
        audience: [...audience],
        algorithms: symmetric ? SYMMETRIC : ASYMMETRIC,
        requiredClaims: federatedAs ? ['exp'] : ['exp', 'jti'],
        currentDate: new Date(this.clock.wall()),
      });
      // Who runs the workload gives it one assertion for many requests.
      if (federatedAs) return;
      const use = JSON.stringify([client.id, payload.jti]);
      if (this.usedAssertions.has(use)) throw new Refusal('bad_assertion', 'jti was used before');
      this.usedAssertions.add(use);
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new Refusal('bad_assertion', error.message);
      throw error;
    }
  }
}

const usesSecret = ({ secret }: RegisteredClient): boolean => secret !== undefined;

function checkSecret(client: RegisteredClient, presented: string): void {
  if (client.expiredSecrets.includes(presented)) throw new Refusal('expired_secret');
  if (presented !== client.secret) throw new Refusal('wrong_secret');
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-2.2 RFC 8705, section 2.2} */
function checkCertificate(client: RegisteredClient, presented: X509Certificate | undefined): void {
  if (client.certificate?.fingerprint256 !== presented?.fingerprint256) throw new Refusal('wrong_secret');
}
