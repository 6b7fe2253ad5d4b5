import { createPublicKey, KeyObject, X509Certificate, type JsonWebKey } from 'node:crypto';
import { thumbprintOf } from '../../client-authentication/certificate.js';
import { Refusal } from './refusal.js';

/** What the assertions of a client are verified with. */
export interface AssertionKey {
  readonly publicKey: KeyObject;
  /** `undefined`: only the key is registered. */
  readonly certificate: X509Certificate | undefined;
}

/** Reads what a client is registered with: a public key, or its certificate as PEM. */
export function assertionKey(given: string | JsonWebKey | KeyObject): AssertionKey {
  if (given instanceof KeyObject) return { publicKey: given, certificate: undefined };
  if (typeof given === 'object')
    return { publicKey: createPublicKey({ key: given, format: 'jwk' }), certificate: undefined };
  const certificate = given.includes('BEGIN CERTIFICATE') ? new X509Certificate(given) : undefined;
  return { publicKey: certificate?.publicKey ?? createPublicKey(given), certificate };
}

/**
 * The keys of the certificate that the header of an assertion names by its thumbprint.
 *
 * @throws Refusal if it names none, or one that is not registered
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-4.1.7 RFC 7515, sections 4.1.7 and 4.1.8}
 */
export function keysOfNamedCertificate(
  keys: readonly AssertionKey[],
  { x5t, 'x5t#S256': x5tS256, kid }: Readonly<Record<string, unknown>>,
): readonly AssertionKey[] {
  const named = [x5t, x5tS256, kid].find((name) => typeof name === 'string');
  if (named === undefined) throw new Refusal('no_certificate_named');
  const found = keys.filter(
    ({ certificate }) => certificate && (x5t === sha1(certificate) || x5tS256 === thumbprintOf(certificate)),
  );
  if (found.length === 0) throw new Refusal('unregistered_certificate', named);
  return found;
}

/** `x5t`. */
function sha1({ fingerprint }: X509Certificate): string {
  return Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
}
