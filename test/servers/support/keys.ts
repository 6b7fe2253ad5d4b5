import { createPublicKey, generateKeyPairSync, randomBytes, type JsonWebKey } from 'node:crypto';
import { jwkOf } from '../../support/jwk-of.js';

/** A new private key for RS256, as a server keeps it. */
export function newSigningKey(): JsonWebKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...jwkOf(privateKey), kid: randomBytes(8).toString('hex'), use: 'sig', alg: 'RS256' };
}

/** A new secret of a client, with characters that Basic encodes (RFC 6749, section 2.3.1). */
export function newSecret(): string {
  return `${randomBytes(32).toString('base64url')}+/%`;
}

/** The key of a client that authenticates by `private_key_jwt` with ES256. */
export class TestClientKey {
  private readonly key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

  /** PKCS #8. */
  get pem(): string {
    return this.key.export({ format: 'pem', type: 'pkcs8' }) as string;
  }

  /** The public key, as the client's `jwks` (RFC 7591, section 2). */
  get jwks(): { keys: JsonWebKey[] } {
    return { keys: [{ ...jwkOf(createPublicKey(this.key)), use: 'sig', alg: 'ES256' }] };
  }
}
