import { createPrivateKey, createPublicKey, hash, KeyObject, type JsonWebKey } from 'node:crypto';
import { JWT_BEARER, presentAssertion, signAssertion } from './assertion.js';
import { authenticationError, refusePath } from './authentication-error.js';
import { defineAuthenticator } from './client-authenticator.js';
import { withHidden } from './hidden-members.js';

/** The type of key for each algorithm, with its curve if it has one (RFC 7518, section 3.1; RFC 9864). */
const KEY_TYPES = {
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
} as const;

/** The algorithms of {@link privateKeyJwt}. `Ed25519` is RFC 9864's name for `EdDSA`. */
export type ClientAssertionAlgorithm = keyof typeof KEY_TYPES;

/** {@link privateKeyJwt} */
export interface PrivateKeyJwt {
  /** The name of the method in the IANA registry (`token_endpoint_auth_methods_supported`). */
  readonly method: 'private_key_jwt';
  /** Not enumerable. */
  readonly key: KeyObject;
  /** SHA-256 of the public key (SPKI), base64url. */
  readonly thumbprint: string;
  /** `alg` in the header of the JWT (RFC 7518, section 3.1). */
  readonly alg: ClientAssertionAlgorithm;
  /** `kid` in the header of the JWT. `undefined`: the header has none. */
  readonly kid: string | undefined;
  /** `aud` of the JWT; `token-endpoint`: the URL of that. `undefined`: what the authorization server wants. */
  readonly audience: string | undefined;
}

/**
 * The client signs a JWT with its private key, a new one for every request. It lives 60 seconds, and is dated back by 10 of
 * them.
 *
 * @param options.key PEM (PKCS#8), JWK or KeyObject
 * @param options.alg of the RS, PS and ES families, or EdDSA, also named Ed25519 (RFC 9864)
 * @param options.kid names the key. Default: the JWK's own, else none
 * @param options.audience `aud` of the JWT. `token-endpoint` is the URL at which the token is requested, letter by letter,
 * which Hydra and glewlwyd want. Default: what the authorization server wants
 * @throws M2MConfigurationError if the key is not a private one, or does not fit `alg`
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 RFC 7523, section 3}
 */
export function privateKeyJwt(options: {
  key: string | Buffer | JsonWebKey | KeyObject;
  alg: ClientAssertionAlgorithm;
  kid?: string;
  audience?: 'token-endpoint' | (string & {});
}): PrivateKeyJwt {
  const { alg, kid = kidOf(options.key), audience } = options;
  const key = privateKey(options.key);
  checkKey(key, alg);
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const thumbprint = hash('sha256', spki, 'base64url');
  return withHidden({ method: 'private_key_jwt', thumbprint, alg, kid, audience } as const, { key });
}

/** `private_key_jwt`. A failure may come from this host's clock, so it says nothing about other processes. */
export const privateKeyJwtAuthenticator = defineAuthenticator<PrivateKeyJwt>({
  method: 'private_key_jwt',
  example: 'privateKeyJwt({ key })',
  needsSecret: false,
  sharesTokens: true,
  sharesFailures: false,
  thumbprint: ({ thumbprint }) => thumbprint,
  authenticate: async (request) => {
    const { key, alg, kid, audience } = request.authentication;
    const header = { alg, ...(kid !== undefined && { kid }) };
    return presentAssertion(await signAssertion(request, key, header, audience), JWT_BEARER);
  },
});

function privateKey(key: string | Buffer | JsonWebKey | KeyObject): KeyObject {
  refusePath('key', key);
  try {
    const parsed = key instanceof KeyObject ? key : createPrivateKey(isJwk(key) ? { key, format: 'jwk' } : key);
    if (parsed.type === 'private') return parsed;
  } catch {
    // Its error may hold what was parsed.
  }
  const remedy = "key: readFileSync('client-key.pem', 'utf8'), or a JWK";
  throw authenticationError('key', 'is no private key that can be read', remedy);
}

function checkKey(key: KeyObject, alg: string): void {
  if (!Object.hasOwn(KEY_TYPES, alg)) {
    const remedy = `alg: 'RS256', or one of ${Object.keys(KEY_TYPES).join(', ')}`;
    throw authenticationError('alg', `is ${JSON.stringify(alg)}`, remedy);
  }
  const expected = KEY_TYPES[alg as ClientAssertionAlgorithm];
  const { namedCurve, modulusLength = Infinity } = key.asymmetricKeyDetails ?? {};
  const found = [key.asymmetricKeyType, namedCurve].filter(Boolean).join(' ');
  if (found !== expected) {
    throw authenticationError('key', `is of the type ${found}`, `a key of the type ${expected} for ${alg}`);
  }
  if (modulusLength < 2048) {
    throw authenticationError('key', `has ${modulusLength} bits`, 'an RSA key of 2048 bits or more');
  }
}

function isJwk(key: string | Buffer | JsonWebKey): key is JsonWebKey {
  return typeof key === 'object' && !Buffer.isBuffer(key);
}

function kidOf(key: unknown): string | undefined {
  return typeof key === 'object' && key !== null && 'kid' in key && typeof key.kid === 'string' ? key.kid : undefined;
}
