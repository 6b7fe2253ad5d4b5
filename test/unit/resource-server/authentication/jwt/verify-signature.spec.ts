import { constants, generateKeyPairSync, sign, type KeyObject, type SignKeyObjectInput } from 'node:crypto';
import { types } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from '../../../../../lib/json-web-keys/signature-algorithms.js';
import { verifySignature } from '../../../../../lib/resource-server/authentication/jwt/verify-signature.js';
import { jwkOf } from '../../../../support/jwk-of.js';

type KeyPair = ReturnType<typeof generateKeyPairSync>;

const input = Buffer.from('eyJhbGciOiJub25lIn0.e30');
const pairs: Readonly<Record<string, readonly [own: KeyPair, other: KeyPair]>> = {
  rsa: twice(() => generateKeyPairSync('rsa', { modulusLength: 2048 })),
  prime256v1: twice(() => generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  secp384r1: twice(() => generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  secp521r1: twice(() => generateKeyPairSync('ec', { namedCurve: 'P-521' })),
  ed25519: twice(() => generateKeyPairSync('ed25519')),
};
/** The orders of the groups that ECDSA and Ed25519 count in. */
const ORDERS: Readonly<Record<string, bigint>> = {
  prime256v1: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  secp384r1: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  secp521r1:
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  ed25519: 2n ** 252n + 27742317777372353535851937790883648493n,
};

function twice<T>(make: () => T): readonly [T, T] {
  return [make(), make()];
}

function rowOf(name: string): SignatureAlgorithm {
  const algorithm = SIGNATURE_ALGORITHMS.find((each) => each.name === name);
  if (!algorithm) throw new Error(`no ${name}`);
  return algorithm;
}

const pairOf = ({ curve, keyType }: SignatureAlgorithm): readonly [KeyPair, KeyPair] =>
  pairs[curve ?? keyType] as readonly [KeyPair, KeyPair];

function signAs(algorithm: SignatureAlgorithm, key: KeyObject, options: Partial<SignKeyObjectInput> = {}): Buffer {
  const { digest, padding, saltLength, dsaEncoding } = algorithm;
  return sign(digest, input, { key, padding, saltLength, dsaEncoding, ...options });
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

function reversed(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toReversed());
}

function toBytes(integer: bigint, length: number): Buffer {
  return Buffer.from(integer.toString(16).padStart(2 * length, '0'), 'hex');
}

describe.each(SIGNATURE_ALGORITHMS.map((algorithm) => [algorithm.name, algorithm] as const))(
  '%s',
  (_name, algorithm) => {
    const [{ publicKey, privateKey }, other] = pairOf(algorithm);
    const signature = signAs(algorithm, privateKey);
    const isValid = async (bytes: Buffer, key = publicKey): Promise<boolean> =>
      await verifySignature(algorithm, key, input, bytes);

    it('takes the signature of its key', async () => {
      expect(await isValid(signature)).toBe(true);
    });

    it('refuses the signature of another key, and one of another text', async () => {
      expect(await isValid(signature, other.publicKey)).toBe(false);
      expect(await verifySignature(algorithm, publicKey, Buffer.from('other'), signature)).toBe(false);
    });

    it('refuses every changed bit of the first and the last byte', async () => {
      for (const at of [0, signature.length - 1]) {
        for (let bit = 1; bit < 256; bit *= 2) {
          const changed = Buffer.from(signature);
          changed[at] = (changed[at] ?? 0) ^ bit;
          expect(await isValid(changed)).toBe(false);
        }
      }
    });

    it.each([
      ['an empty one', Buffer.alloc(0)],
      ['one byte', Buffer.from([1])],
      ['one that lacks its last byte', signature.subarray(0, -1)],
      ['one that lacks its first byte', signature.subarray(1)],
      ['one with a zero before it', Buffer.concat([Buffer.alloc(1), signature])],
      ['one with a zero after it', Buffer.concat([signature, Buffer.alloc(1)])],
      ['one that comes twice', Buffer.concat([signature, signature])],
      ['zeros', Buffer.alloc(signature.length)],
      ['ones', Buffer.alloc(signature.length, 0xff)],
      ['very long zeros', Buffer.alloc(16_384)],
    ])('refuses a signature of another length or of no meaning: %s', async (_what, bytes) => {
      expect(await isValid(bytes)).toBe(false);
    });

    it('refuses a key of every other type or curve, although node:crypto may throw', async () => {
      for (const [name, [{ publicKey: foreign, privateKey: signer }]] of Object.entries(pairs)) {
        if (name === (algorithm.curve ?? algorithm.keyType)) continue;
        expect(await isValid(signature, foreign)).toBe(false);
        expect(await isValid(sign(name === 'ed25519' ? null : 'sha256', input, signer))).toBe(false);
      }
      expect(await isValid(signature, generateKeyPairSync('x25519').publicKey)).toBe(false);
    });
  },
);

describe.each(SIGNATURE_ALGORITHMS.filter(({ digest }) => digest !== null))('$name', (algorithm) => {
  const [{ publicKey, privateKey }] = pairOf(algorithm);
  const digests = ['sha1', 'sha256', 'sha384', 'sha512'].filter((digest) => digest !== algorithm.digest);

  it.each(digests)('refuses a signature made with %s', async (digest) => {
    const signature = signAs({ ...algorithm, digest }, privateKey);
    expect(await verifySignature(algorithm, publicKey, input, signature)).toBe(false);
  });
});

describe.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map(rowOf))('$name', (algorithm) => {
  const [{ publicKey, privateKey }] = pairOf(algorithm);
  const { n = '' } = jwkOf(publicKey);
  const modulus = toInteger(Buffer.from(n, 'base64url'));

  it('refuses a signature to which the modulus was added', async () => {
    // Only some of them leave room for it in as many bytes.
    const limit = 2n ** 2048n - modulus;
    let integer = limit;
    for (let salt = 0; integer >= limit && salt < 200; salt++) {
      const text = Buffer.from(String(salt));
      const { digest, padding, saltLength } = algorithm;
      integer = toInteger(sign(digest, text, { key: privateKey, padding, saltLength }));
      if (integer >= limit) continue;
      expect(await verifySignature(algorithm, publicKey, text, toBytes(integer, 256))).toBe(true);
      expect(await verifySignature(algorithm, publicKey, text, toBytes(integer + modulus, 256))).toBe(false);
    }
  });

  it('refuses the other padding', async () => {
    const padding =
      algorithm.padding === constants.RSA_PKCS1_PADDING ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
    expect(await verifySignature(algorithm, publicKey, input, signAs(algorithm, privateKey, { padding }))).toBe(false);
  });

  it('takes a signature as long as the modulus, which may end within a byte', async () => {
    const odd = generateKeyPairSync('rsa', { modulusLength: 2052 });
    const signature = signAs(algorithm, odd.privateKey);
    expect(signature).toHaveLength(257);
    expect(await verifySignature(algorithm, odd.publicKey, input, signature)).toBe(true);
  });
});

describe.each(['PS256', 'PS384', 'PS512'].map(rowOf))('$name', (algorithm) => {
  const [{ publicKey, privateKey }] = pairOf(algorithm);
  const saltOfDigest = Number(algorithm.name.slice(2)) / 8;

  it.each([
    ['no salt', 0],
    ['the longest salt', constants.RSA_PSS_SALTLEN_MAX_SIGN],
    ['a byte too few', saltOfDigest - 1],
    ['a byte too many', saltOfDigest + 1],
  ])('refuses %s', async (_what, saltLength) => {
    const signature = signAs(algorithm, privateKey, { saltLength });
    expect(await verifySignature(algorithm, publicKey, input, signature)).toBe(false);
  });

  it('takes a salt as long as its digest', async () => {
    const signature = signAs(algorithm, privateKey, { saltLength: saltOfDigest });
    expect(await verifySignature(algorithm, publicKey, input, signature)).toBe(true);
  });
});

describe.each(['ES256', 'ES384', 'ES512'].map(rowOf))('$name', (algorithm) => {
  const [{ publicKey, privateKey }] = pairOf(algorithm);
  const order = ORDERS[algorithm.curve ?? ''] ?? 0n;
  const half = (algorithm.signatureLength ?? 0) / 2;
  const signature = signAs(algorithm, privateKey);
  const [r, s] = [toInteger(signature.subarray(0, half)), toInteger(signature.subarray(half))];
  const isValid = async (bytes: Buffer): Promise<boolean> => await verifySignature(algorithm, publicKey, input, bytes);

  it('refuses DER, cut or filled to the right length too', async () => {
    const der = signAs(algorithm, privateKey, { dsaEncoding: 'der' });
    const filled = Buffer.alloc(2 * half);
    der.copy(filled);
    expect(await isValid(der)).toBe(false);
    expect(await isValid(der.subarray(0, 2 * half))).toBe(false);
    expect(await isValid(filled)).toBe(false);
  });

  it.each([
    ['r = 0', 0n, s],
    ['s = 0', r, 0n],
    ['r = n', order, s],
    ['s = n', r, order],
    ['r = s = n', order, order],
    ['r = n + 1, s = 1', order + 1n, 1n],
    ['r = s = 1', 1n, 1n],
    ['r = s = n - 1', order - 1n, order - 1n],
    ['r and s exchanged', s, r],
    ['-s as a number of its own', r, 2n ** BigInt(8 * half) - s],
  ])('refuses %s', async (_what, first, second) => {
    expect(await isValid(Buffer.concat([toBytes(first, half), toBytes(second, half)]))).toBe(false);
  });

  it('reads r and s as they were written here', async () => {
    expect(await isValid(Buffer.concat([toBytes(r, half), toBytes(s, half)]))).toBe(true);
  });
});

describe.each(['EdDSA', 'Ed25519'].map(rowOf))('$name', (algorithm) => {
  const [{ publicKey, privateKey }] = pairOf(algorithm);
  const signature = signAs(algorithm, privateKey);
  const [point, scalar] = [signature.subarray(0, 32), toInteger(reversed(signature.subarray(32)))];
  const withScalar = (value: bigint): Buffer => Buffer.concat([point, reversed(toBytes(value, 32))]);
  const isValid = async (bytes: Buffer): Promise<boolean> => await verifySignature(algorithm, publicKey, input, bytes);

  it('refuses S + L, which is the same number to whoever does not look', async () => {
    const order = ORDERS['ed25519'] ?? 0n;
    expect(await isValid(withScalar(scalar))).toBe(true);
    for (const times of [1n, 2n, 7n]) expect(await isValid(withScalar(scalar + times * order))).toBe(false);
  });

  it('refuses S = 0, S = L and the high bits of S', async () => {
    for (const value of [0n, ORDERS['ed25519'] ?? 0n, scalar + 2n ** 253n, scalar + 2n ** 255n]) {
      expect(await isValid(withScalar(value))).toBe(false);
    }
  });
});

describe('verifySignature', () => {
  it.each(['PS384', 'PS512'].map(rowOf))('takes what node:crypto throws for a bad signature: $name', (algorithm) => {
    const restricted = { modulusLength: 2048, hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256', saltLength: 32 };
    const { publicKey } = generateKeyPairSync('rsa-pss' as 'rsa', restricted);
    expect(verifySignature(algorithm, publicKey, input, Buffer.alloc(256))).toBe(false);
  });

  it.each([true, false])('takes an unknown digest for a bad signature; off the main thread: %p', async (isSlow) => {
    const algorithm = { ...rowOf('ES256'), digest: 'md0', isSlow };
    const [{ publicKey }] = pairOf(algorithm);
    expect(await verifySignature(algorithm, publicKey, input, Buffer.alloc(64, 1))).toBe(false);
  });

  it.each(SIGNATURE_ALGORITHMS)(
    'refuses a good signature that is longer than its algorithm says: $name',
    async (row) => {
      const [{ publicKey, privateKey }] = pairOf(row);
      const signature = signAs(row, privateKey);
      const algorithm = { ...row, signatureLength: signature.length - 1 };
      expect(await verifySignature(algorithm, publicKey, input, signature)).toBe(false);
    },
  );

  it.each(['ES384', 'ES512'].map(rowOf))('leaves the main thread for $name', (algorithm) => {
    const [{ publicKey, privateKey }] = pairOf(algorithm);
    expect(types.isPromise(verifySignature(algorithm, publicKey, input, signAs(algorithm, privateKey)))).toBe(true);
  });
});
