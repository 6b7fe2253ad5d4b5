import { createPrivateKey, hash, KeyObject, X509Certificate, type JsonWebKey, type PrivateKeyInput } from 'node:crypto';
import { describeValue } from '../validation/problems.js';
import { authenticationError, checkContent } from './authentication-error.js';

/**
 * Reads the certificate of a key.
 *
 * @param cert PEM; of a chain, the first one
 * @param now milliseconds since the epoch
 * @throws M2MConfigurationError if it cannot be read, has expired, or belongs to another key
 */
export function readCertificate(cert: string | Buffer | undefined, key: KeyObject, now: number): X509Certificate {
  const certificate = parseCertificate(cert);
  const { validTo } = certificate;
  if (Date.parse(validTo) <= now) {
    throw authenticationError('cert', `expired at ${new Date(validTo).toISOString()}`, 'a certificate that is valid');
  }
  if (!certificate.checkPrivateKey(key)) {
    throw authenticationError('cert', 'does not belong to the key', 'cert and key of one pair');
  }
  return certificate;
}

/** SHA-256 of a certificate, base64url (`x5t#S256`; RFC 7515, section 4.1.8). */
export function thumbprintOf({ raw }: X509Certificate): string {
  return hash('sha256', raw, 'base64url');
}

/**
 * Reads a private key.
 *
 * @param passphrase if it is encrypted
 * @throws M2MConfigurationError that does not repeat it
 */
export function readPrivateKey(key: string | Buffer | JsonWebKey | KeyObject, passphrase?: string): KeyObject {
  checkContent('key', key);
  try {
    const parsed = key instanceof KeyObject ? key : createPrivateKey(inputOf(key, passphrase));
    if (parsed.type === 'private') return parsed;
  } catch {
    // Its error may hold what was parsed.
  }
  const remedy = "key: readFileSync('client-key.pem', 'utf8'), or a JWK";
  throw authenticationError('key', `is no private key that can be read: it ${seenIn(key)}`, remedy);
}

/** What a message shows of a key: its kind. */
function seenIn(key: unknown): string {
  if (key instanceof KeyObject) return `is a ${key.type} key`;
  if (typeof key !== 'string' && !Buffer.isBuffer(key)) return describeValue(key);
  const label = /-----BEGIN ([A-Z ]+)-----/.exec(key.toString())?.[1];
  return label === undefined ? 'is no PEM' : `is a PEM of ${label}`;
}

function inputOf(
  key: string | Buffer | JsonWebKey,
  passphrase: string | undefined,
): Parameters<typeof createPrivateKey>[0] {
  if (typeof key === 'object' && !Buffer.isBuffer(key)) return { key, format: 'jwk' };
  return { key, ...(passphrase !== undefined && { passphrase }) } satisfies PrivateKeyInput;
}

/**
 * Checks certificates of authorities. Node passes over text that is none, and then trusts nobody or all that it knows.
 *
 * @param ca PEM, one or several
 * @throws M2MConfigurationError
 */
export function checkAuthorities(ca: unknown): asserts ca is string | Buffer {
  checkContent('ca', ca);
  const remedy = "ca: readFileSync('ca.pem', 'utf8')";
  if (typeof ca !== 'string' && !Buffer.isBuffer(ca))
    throw authenticationError('ca', `is of the type ${typeof ca}`, remedy);
  const text = ca.toString();
  const certificates = text.match(CERTIFICATE) ?? [];
  const isWhole = certificates.length > 0 && certificates.length === text.match(CERTIFICATE_BEGIN)?.length;
  if (!isWhole || !certificates.every(isCertificate)) {
    throw authenticationError('ca', 'holds no certificate, or one that cannot be read', remedy);
  }
}

const CERTIFICATE_BEGIN = /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/g;
const CERTIFICATE = /-----BEGIN ([A-Z0-9 ]*CERTIFICATE)-----[^-]*-----END \1-----/g;

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function parseCertificate(cert: string | Buffer | undefined): X509Certificate {
  checkContent('cert', cert);
  try {
    return new X509Certificate(cert as string | Buffer);
  } catch {
    throw authenticationError('cert', 'is no certificate that can be read', "cert: readFileSync('client.pem', 'utf8')");
  }
}
