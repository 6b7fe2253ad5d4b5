import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

/**
 * A key as a JWK, by way of DER: Node 20 hangs if it collects garbage while it exports a key as a JWK that it has just
 * generated.
 */
export function jwkOf(key: KeyObject): JsonWebKey {
  if (key.type === 'private') {
    const der = key.export({ type: 'pkcs8', format: 'der' });
    return createPrivateKey({ key: der, type: 'pkcs8', format: 'der' }).export({ format: 'jwk' });
  }
  const der = key.export({ type: 'spki', format: 'der' });
  return createPublicKey({ key: der, type: 'spki', format: 'der' }).export({ format: 'jwk' });
}
