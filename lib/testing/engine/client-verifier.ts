import type { KeyObject, X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, type JWTVerifyOptions, type JWTVerifyResult } from 'jose';
import type { Clock } from '../../time/clock.js';
import { keysOfNamedCertificate } from './assertion-keys.js';
import type { Dialect } from './dialect.js';
import { readCredentials, type PresentedCredentials } from './presented-credentials.js';
import type { Parameters, ReceivedRequest } from './received-request.js';
import { Refusal } from './refusal.js';
import { isPublic, type RegisteredClient, type Registry } from './registry.js';

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
    const only = client.authentication ?? (client.secret === undefined ? undefined : registered);
    const allowed = only === undefined ? methods.includes(method) : method === only;
    if (!allowed) throw new Refusal('unregistered_method', method);
    if (method === 'none' && !isPublic(client)) throw new Refusal('no_credentials');
  }

  /** The keys that an assertion may be signed with. @throws Refusal if it must name its certificate, and does not */
  private keysFor({ assertionKeys, federatedAs }: RegisteredClient, assertion: string): readonly KeyObject[] {
    const isNamed = this.style.assertionNamesCertificate && !federatedAs;
    const keys = isNamed ? keysOfNamedCertificate(assertionKeys, decodeProtectedHeader(assertion)) : assertionKeys;
    return keys.map(({ publicKey }) => publicKey);
  }

  /** @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 RFC 7523, section 3} */
  private async checkAssertion(
    client: RegisteredClient,
    assertion: string,
    method: string,
    audience: readonly string[],
  ): Promise<void> {
    const symmetric = method === 'client_secret_jwt';
    const keys = symmetric ? secretKeys(client) : this.keysFor(client, assertion);
    if (keys.length === 0) throw new Refusal('unregistered_method', method);
    const { federatedAs } = client;
    try {
      const { payload } = await verifyWithAny(assertion, keys, {
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

type VerificationKey = KeyObject | Uint8Array;

function secretKeys({ secret }: RegisteredClient): readonly VerificationKey[] {
  return secret === undefined ? [] : [new TextEncoder().encode(secret)];
}

/** Verifies an assertion with the first key that it is signed with. @throws JOSEError */
async function verifyWithAny(
  assertion: string,
  keys: readonly VerificationKey[],
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  const [key, ...others] = keys;
  try {
    return await jwtVerify(assertion, key as VerificationKey, options);
  } catch (error) {
    // Claims are looked at after the signature.
    const isSigned = error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired;
    if (isSigned || others.length === 0) throw error;
    return verifyWithAny(assertion, others, options);
  }
}

function checkSecret(client: RegisteredClient, presented: string): void {
  if (client.expiredSecrets.includes(presented)) throw new Refusal('expired_secret');
  if (presented !== client.secret) throw new Refusal('wrong_secret');
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-2.2 RFC 8705, section 2.2} */
function checkCertificate(client: RegisteredClient, presented: X509Certificate | undefined): void {
  const isRegistered = client.certificates.some(({ fingerprint256 }) => fingerprint256 === presented?.fingerprint256);
  if (!isRegistered) throw new Refusal('wrong_secret');
}
