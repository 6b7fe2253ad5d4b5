import { constants } from 'node:crypto';

/** One signature algorithm of JSON Web Signature, in the terms of `crypto.verify`. */
export interface SignatureAlgorithm {
  /** The value of `alg`. */
  readonly name: string;
  /** `null` for Ed25519 alone, which hashes by itself. */
  readonly digest: string | null;
  /** The `asymmetricKeyType` of its keys. */
  readonly keyType: 'rsa' | 'ec' | 'ed25519';
  /** The `namedCurve` of its keys. */
  readonly curve: string | undefined;
  readonly padding: number | undefined;
  readonly saltLength: number | undefined;
  readonly dsaEncoding: 'ieee-p1363' | undefined;
  /** Bytes; `undefined` if it is as long as the modulus of the key. */
  readonly signatureLength: number | undefined;
  /** Whether one verification takes so long (0.4 ms to 1.2 ms) that it leaves the main thread. */
  readonly isSlow: boolean;
}

/**
 * Every algorithm that access tokens may be signed with.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-3.1 RFC 7518, section 3.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9864#section-2.2 RFC 9864, section 2.2}
 */
export const SIGNATURE_ALGORITHMS: readonly SignatureAlgorithm[] = Object.freeze([
  rsa('RS256', 'sha256'),
  rsa('RS384', 'sha384'),
  rsa('RS512', 'sha512'),
  rsaPss('PS256', 'sha256'),
  rsaPss('PS384', 'sha384'),
  rsaPss('PS512', 'sha512'),
  ecdsa('ES256', 'sha256', 'prime256v1', 64, false),
  ecdsa('ES384', 'sha384', 'secp384r1', 96, true),
  ecdsa('ES512', 'sha512', 'secp521r1', 132, true),
  ed25519('EdDSA'),
  ed25519('Ed25519'),
]);

function rsa(name: string, digest: string): SignatureAlgorithm {
  return row({ name, digest, keyType: 'rsa', padding: constants.RSA_PKCS1_PADDING });
}

function rsaPss(name: string, digest: string): SignatureAlgorithm {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  // Without it a salt of any length passes.
  return row({ name, digest, keyType: 'rsa', padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
}

function ecdsa(name: string, digest: string, curve: string, length: number, isSlow: boolean): SignatureAlgorithm {
  return row({ name, digest, keyType: 'ec', curve, dsaEncoding: 'ieee-p1363', signatureLength: length, isSlow });
}

function ed25519(name: string): SignatureAlgorithm {
  return row({ name, digest: null, keyType: 'ed25519', signatureLength: 64 });
}

function row(algorithm: Pick<SignatureAlgorithm, 'name' | 'digest' | 'keyType'> & Partial<SignatureAlgorithm>) {
  const absent = { curve: undefined, padding: undefined, saltLength: undefined, dsaEncoding: undefined };
  return Object.freeze({ ...absent, signatureLength: undefined, isSlow: false, ...algorithm });
}
