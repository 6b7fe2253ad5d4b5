import { createPublicKey, type KeyObject } from 'node:crypto';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from './signature-algorithms.js';

/** Bits. */
const SHORTEST_MODULUS = 2048;
const SMALLEST_EXPONENT = 3n;
const LARGEST_EXPONENT = 2n ** 32n - 1n;

/**
 * The y coordinates of the Ed25519 points of small order, as RFC 8032 encodes them, without the sign of x. Node 20
 * takes any signature for one of theirs.
 */
const SMALL_ORDER_POINTS: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/**
 * The algorithms that a public key may verify, by its type, curve and size, and by its own `alg`. None for a key that
 * proves nothing: an RSA modulus below 2048 bits, an RSA exponent that is even, below 3 or over 32 bits, a key restricted to RSA-PSS parameters
 * of its own, an Ed25519 point of small order.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-3.1 RFC 7518, section 3.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.2 RFC 8725, section 3.2}
 */
export function algorithmsOf(publicKey: KeyObject, alg?: string): readonly SignatureAlgorithm[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (!provesAnything(publicKey)) return [];
  return SIGNATURE_ALGORITHMS.filter(
    ({ name, keyType, curve }) =>
      keyType === type && curve === details?.namedCurve && (alg === undefined || alg === name),
  );
}

/** Whether a key, as it is published, can verify any signature. */
export function canVerify({ alg, ...jwk }: Readonly<Record<string, unknown>>): boolean {
  try {
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    return algorithmsOf(publicKey, typeof alg === 'string' ? alg : undefined).length > 0;
  } catch {
    return false;
  }
}

function provesAnything(publicKey: KeyObject): boolean {
  if (publicKey.type !== 'public') return false;
  if (publicKey.asymmetricKeyType === 'rsa') return isStrongRsa(publicKey);
  return publicKey.asymmetricKeyType !== 'ed25519' || !isOfSmallOrder(publicKey);
}

function isStrongRsa({ asymmetricKeyDetails }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n } = { ...asymmetricKeyDetails };
  if (modulusLength < SHORTEST_MODULUS) return false;
  // With an exponent of 1 anybody can sign.
  const isOdd = publicExponent % 2n === 1n;
  return isOdd && publicExponent >= SMALLEST_EXPONENT && publicExponent <= LARGEST_EXPONENT;
}

function isOfSmallOrder(publicKey: KeyObject): boolean {
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const point = Buffer.from(x, 'base64url');
  const last = point.length - 1;
  point[last] = (point[last] ?? 0) & 0x7f;
  return SMALL_ORDER_POINTS.has(point.toString('hex'));
}
