import { createPrivateKey, createPublicKey, KeyObject, type JsonWebKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  JWT_BEARER,
  type ClientAssertion,
  type ClientAuthentication,
  type PrivateKeyJwt,
} from './client-authentication.js';
import { hiding, authenticationError, sha256 } from './client-keys.js';

/** Which keys sign with which algorithms: the key's type, and its curve where it has one. */
const KEYS: Readonly<Record<string, string>> = {
  RS256: 'rsa',
  RS384: 'rsa',
  RS512: 'rsa',
  PS256: 'rsa',
  PS384: 'rsa',
  PS512: 'rsa',
  ES256: 'ec prime256v1',
  ES384: 'ec secp384r1',
  ES512: 'ec secp521r1',
  EdDSA: 'ed25519',
  Ed25519: 'ed25519',
};

/**
 * The client signs a short-lived JWT with its secret (HS256).
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication OpenID Connect Core 1.0, section 9}
 */
export function clientSecretJwt(): ClientAuthentication {
  return Object.freeze({ method: 'client_secret_jwt' });
}

/**
 * The client signs a short-lived JWT with its private key, a new one for every request.
 *
 * @param options.key PEM (PKCS#8), JWK or KeyObject
 * @param options.alg of the RS, PS and ES families, or EdDSA, also named Ed25519 (RFC 9864)
 * @param options.kid names the key. Default: the JWK's own, else none
 * @param options.audience `aud` of the JWT. Default: what the authorization server wants
 * @throws M2MConfigurationError where the key is not a private one, or does not fit `alg`
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 RFC 7523, section 3}
 */
export function privateKeyJwt(options: {
  key: string | Buffer | JsonWebKey | KeyObject;
  alg: string;
  kid?: string;
  audience?: string;
}): PrivateKeyJwt {
  const key = privateKey(options.key);
  const wanted = KEYS[options.alg];
  if (wanted === undefined) {
    throw authenticationError(
      'alg',
      `is ${JSON.stringify(options.alg)}`,
      `alg: 'RS256', or one of ${Object.keys(KEYS).join(', ')}`,
    );
  }
  const { asymmetricKeyType: type = '', asymmetricKeyDetails: { namedCurve, modulusLength } = {} } = key;
  const found = namedCurve === undefined ? type : `${type} ${namedCurve}`;
  if (found !== wanted)
    throw authenticationError('key', `is of the type ${found}`, `a key of the type ${wanted} for ${options.alg}`);
  if (modulusLength !== undefined && modulusLength < 2048) {
    throw authenticationError('key', `has ${modulusLength} bits`, 'an RSA key of 2048 bits or more');
  }
  const { kid = kidOf(options.key) } = options;
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const { alg, audience } = options;
  const plain = { method: 'private_key_jwt', thumbprint: sha256(spki), alg, kid, audience } as const;
  return hiding(plain, { key });
}

/**
 * Somebody else vouches for the client: a function that returns the assertion, asked for every token request.
 *
 * @param type `client_assertion_type`. Default: a JWT, as RFC 7523 has it
 * @see {@link https://www.rfc-editor.org/rfc/rfc7521#section-4.2 RFC 7521, section 4.2}
 */
export function clientAssertion(assertion: () => string | Promise<string>, type = JWT_BEARER): ClientAssertion {
  return hiding({ method: 'client_assertion', type } as const, { assertion });
}

/**
 * Somebody else vouches for the client, and leaves the assertion in a file, as Kubernetes does with projected service
 * account tokens. The file is read for every token request, so a newer assertion is used as soon as it is there.
 *
 * @param path of the file: `/var/run/secrets/tokens/m2m`. One that cannot be read fails the token request with a
 * TokenEndpointError
 * @param type `client_assertion_type`. Default: a JWT, as RFC 7523 has it
 * @see {@link https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#serviceaccount-token-volume-projection Kubernetes: token volume projection}
 */
export function clientAssertionFile(path: string, type = JWT_BEARER): ClientAssertion {
  return clientAssertion(async () => (await readFile(path, 'utf8')).trim(), type);
}

function privateKey(key: string | Buffer | JsonWebKey | KeyObject): KeyObject {
  try {
    const parsed = key instanceof KeyObject ? key : createPrivateKey(isJwk(key) ? { key, format: 'jwk' } : key);
    if (parsed.type === 'private') return parsed;
  } catch {
    // Its error may hold what was parsed.
  }
  throw authenticationError(
    'key',
    'is no private key that can be read',
    "key: readFileSync('client-key.pem', 'utf8'), or a JWK",
  );
}

function isJwk(key: string | Buffer | JsonWebKey): key is JsonWebKey {
  return typeof key === 'object' && !Buffer.isBuffer(key);
}

function kidOf(key: unknown): string | undefined {
  return typeof key === 'object' && key !== null && 'kid' in key && typeof key.kid === 'string' ? key.kid : undefined;
}
