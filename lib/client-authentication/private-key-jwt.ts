import { createPublicKey, hash, type JsonWebKey, type KeyObject } from 'node:crypto';
import { checkAlgorithm, checkKey, type ClientAssertionAlgorithm } from './assertion-algorithms.js';
import { assertionHeader, type AssertionHeader, checkHeader, type HeaderOption } from './assertion-header.js';
import { JWT_BEARER, presentAssertion, signAssertion } from './assertion.js';
import { checkContent, checkOptions } from './authentication-error.js';
import { readCertificate, readPrivateKey } from './certificate.js';
import { defineAuthenticator } from './client-authenticator.js';
import { fingerprint } from './credential-callback.js';
import type { CredentialOption } from './credential-option.js';
import { withHidden } from './hidden-members.js';
import type { Rotatable } from './rotatable.js';
import { rotatedCredential } from './rotated-credential.js';

/** A key that signs client assertions. */
interface SigningKey {
  readonly key: KeyObject;
  /** The header of the assertions. */
  readonly header: AssertionHeader;
  /** SHA-256 of the public key (SPKI), base64url. */
  readonly thumbprint: string;
  /** Tells key and header from others. */
  readonly fingerprint: string;
}

/** {@link privateKeyJwt} */
export interface PrivateKeyJwt {
  /** The name of the method in the IANA registry (`token_endpoint_auth_methods_supported`). */
  readonly method: 'private_key_jwt';
  /** The key, and the header of the JWTs. Not enumerable. */
  readonly credential: CredentialOption<SigningKey>;
  /** SHA-256 of the public key (SPKI), base64url. `undefined`: functions return key or certificate. */
  readonly thumbprint: string | undefined;
  /** `alg` in the header of the JWT (RFC 7518, section 3.1). */
  readonly alg: ClientAssertionAlgorithm;
  /** `kid` in the header of the JWT. `undefined`: that of the JWK, or none. */
  readonly kid: string | undefined;
  /** `aud` of the JWT; `token-endpoint`: the URL of that. `undefined`: what the authorization server wants. */
  readonly audience: string | undefined;
}

/** What makes a {@link SigningKey}. */
interface KeyOptions {
  readonly key: string | Buffer | JsonWebKey | KeyObject;
  readonly cert?: string | Buffer | undefined;
}

/**
 * The client signs a JWT with its private key, a new one for every request. It lives 60 seconds, and is dated back by 10 of
 * them.
 *
 * `key` and `cert` may be functions that return them, or promises of them: `() => readFile('/run/secrets/key.pem')`. The
 * functions are called together for the first token request, again after 10 minutes, and when the assertion is refused. A
 * certificate that does not belong to the key was read while the files were replaced: they are read again, and the pair
 * at hand stays in use.
 *
 * @param options.key PEM (PKCS#8), JWK or KeyObject
 * @param options.alg of the RS, PS and ES families, or EdDSA, also named Ed25519 (RFC 9864)
 * @param options.kid names the key. Default: the JWK's own, else none. For keys that rotate, let the function return JWKs
 * with their `kid`
 * @param options.cert PEM: the certificate of the key. Its SHA-256 thumbprint goes into the header (`x5t#S256`; RFC 7515,
 * section 4.1.8), as Entra ID wants it. Default: none
 * @param options.audience `aud` of the JWT. `token-endpoint` is the URL at which the token is requested, letter by letter,
 * which Hydra and glewlwyd want. Default: what the authorization server wants
 * @param options.header further members of the JWT's header, or a function that returns them for the certificate in use:
 * `x5t`, `x5c`, `typ`. They replace none of `alg`, `kid`, `crit` and `b64`, nor the `x5t#S256` of `cert`
 * @throws M2MConfigurationError if the key is not a private one, or does not fit `alg`; if the certificate has expired, or
 * belongs to another key; for an option that is missing or does not exist
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 RFC 7523, section 3}
 */
export function privateKeyJwt(options: {
  key: Rotatable<string | Buffer | JsonWebKey | KeyObject>;
  alg: ClientAssertionAlgorithm;
  kid?: string;
  cert?: Rotatable<string | Buffer>;
  audience?: 'token-endpoint' | (string & {});
  header?: HeaderOption;
}): PrivateKeyJwt {
  checkOptions(options, ['key', 'alg'], ['kid', 'cert', 'audience', 'header']);
  const { key, cert, alg, kid, audience, header = {} } = options;
  checkAlgorithm(alg);
  checkContent('key', key);
  checkContent('cert', cert);
  if (typeof header !== 'function') checkHeader(header, cert !== undefined);
  const parse = (read: KeyOptions, now: number): SigningKey => {
    const signer = readPrivateKey(read.key);
    checkKey(signer, alg);
    const certificate = cert === undefined ? undefined : readCertificate(read.cert, signer, now);
    const thumbprint = hash('sha256', createPublicKey(signer).export({ type: 'spki', format: 'der' }), 'base64url');
    const made = assertionHeader(alg, kid ?? kidOf(read.key), certificate, header);
    const known = fingerprint(JSON.stringify([thumbprint, made]));
    return Object.freeze({ key: signer, header: made, thumbprint, fingerprint: known });
  };
  const { option, fixed } = rotatedCredential<KeyOptions, SigningKey>('privateKeyJwt', { key, cert }, parse);
  const plain = { method: 'private_key_jwt', thumbprint: fixed?.thumbprint, alg, kid, audience } as const;
  return withHidden(plain, { credential: option });
}

/** `private_key_jwt`. A failure may come from this host's clock, so it says nothing about other processes. */
export const privateKeyJwtAuthenticator = defineAuthenticator<PrivateKeyJwt, SigningKey>({
  method: 'private_key_jwt',
  example: 'privateKeyJwt({ key })',
  needsSecret: false,
  sharesTokens: true,
  sharesFailures: false,
  thumbprint: ({ thumbprint }) => thumbprint,
  credential: ({ credential }) => credential,
  authenticate: async (request) => {
    const { key, header } = request.credential;
    return presentAssertion(await signAssertion(request, key, header, request.authentication.audience), JWT_BEARER);
  },
});

function kidOf(key: unknown): string | undefined {
  return typeof key === 'object' && key !== null && 'kid' in key && typeof key.kid === 'string' ? key.kid : undefined;
}
