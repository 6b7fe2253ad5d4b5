import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../../../lib/time/clock.js';
import { AuthorizationServerHttp } from '../../../../../lib/http/authorization-server-http.js';
import { canVerify } from '../../../../../lib/json-web-keys/key-rules.js';
import { readKeySet, signatureKeysOf } from '../../../../../lib/json-web-keys/read-key-set.js';
import { fetchKeySet } from '../../../../../lib/resource-server/authentication/jwt/fetch-key-set.js';
import type { VerificationKey } from '../../../../../lib/resource-server/authentication/jwt/verification-key.js';
import { json, TestHttpServer } from '../../../../support/http-server.js';
import { jwkOf } from '../../../../support/jwk-of.js';

type Jwk = Record<string, unknown>;

const publicJwk = ({ publicKey }: { publicKey: KeyObject }): Jwk => jwkOf(publicKey);
const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsa = publicJwk(rsaPair);
const shortRsa = publicJwk(generateKeyPairSync('rsa', { modulusLength: 2047 }));
const p256 = publicJwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const p384 = publicJwk(generateKeyPairSync('ec', { namedCurve: 'P-384' }));
const p521 = publicJwk(generateKeyPairSync('ec', { namedCurve: 'P-521' }));
const secp256k1 = publicJwk(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }));
const ed25519 = publicJwk(generateKeyPairSync('ed25519'));
const ed448 = publicJwk(generateKeyPairSync('ed448'));
const x25519 = publicJwk(generateKeyPairSync('x25519'));

/** What servers write that show every member they know. */
const noMembers = Object.fromEntries(
  ['use', 'key_ops', 'alg', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'n', 'e', 'x5c'].map((name) => [name, null]),
);

async function fetchFrom(status: number, body: unknown): Promise<readonly VerificationKey[]> {
  await using server = await TestHttpServer.start((_request, response) =>
    typeof body === 'string' ? response.writeHead(status).end(body) : json(response, status, body),
  );
  const http = new AuthorizationServerHttp({}, systemClock);
  return await fetchKeySet((request) => http.request(request), server.url, 5000);
}

/** Whether the check of keys that stand in the options takes a key, without importing it as `fetchKeySet` does. */
function isTakenInOptions(jwk: unknown): boolean {
  return signatureKeysOf(readKeySet({ keys: [jwk] })).some(canVerify);
}

describe('fetchKeySet', () => {
  const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

  it.each([
    ['an RSA key', rsa, rsaAlgorithms],
    ['an RSA key for one algorithm', { ...rsa, alg: 'PS384' }, ['PS384']],
    ['a P-256 key', p256, ['ES256']],
    ['a P-384 key', p384, ['ES384']],
    ['a P-521 key', p521, ['ES512']],
    ['an Ed25519 key', ed25519, ['EdDSA', 'Ed25519']],
    ['an Ed25519 key for its new name', { ...ed25519, alg: 'Ed25519' }, ['Ed25519']],
    ['a key with empty lists', { ...rsa, key_ops: [], x5c: [] }, rsaAlgorithms],
    ['a key with a certificate that is none', { ...rsa, x5c: ['AAAA'], x5t: 'A', x5u: 'no' }, rsaAlgorithms],
    ['a key that may verify', { ...p256, key_ops: ['verify'], use: 'sig' }, ['ES256']],
    ['a key whose alg is no text', { ...p256, alg: 1 }, ['ES256']],
    ['a key with null for what it does not say', { ...p256, ...noMembers }, ['ES256']],
  ] as [string, Jwk, string[]][])('takes %s', async (_what, jwk, algorithms) => {
    const [key] = await fetchFrom(200, { keys: [{ kid: 'a', ...jwk }] });
    expect(key).toMatchObject({ kid: 'a', algorithms, withdrawn: false });
    expect(key?.publicKey.type).toBe('public');
    expect(isTakenInOptions(jwk)).toBe(true);
  });

  it.each([
    ['an RSA key of less than 2048 bits', shortRsa],
    ['a key for encryption', { ...rsa, use: 'enc' }],
    ['a key of no known use', { ...rsa, use: '' }],
    ['a key for encryption, by its algorithm', { ...rsa, alg: 'RSA-OAEP' }],
    ['a key that may only encrypt', { ...rsa, key_ops: ['encrypt', 'wrapKey'] }],
    ['a private key', jwkOf(rsaPair.privateKey)],
    ['a private key of which a part is left', { ...rsa, d: '' }],
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }],
    ['a symmetric key that calls itself RSA', { ...rsa, k: 'c2VjcmV0', alg: 'HS256' }],
    ['a key whose algorithm is of another kind', { ...p256, alg: 'RS256' }],
    ['a key whose algorithm is of another curve', { ...p256, alg: 'ES384' }],
    ['a key whose algorithm is none', { ...rsa, alg: 'none' }],
    ['an RSA key with which anybody can sign', { ...rsa, e: 'AQ' }],
    [
      'an Ed25519 key of small order',
      { ...ed25519, x: Buffer.from('01'.padEnd(64, '0'), 'hex').toString('base64url') },
    ],
    ['a secp256k1 key', secp256k1],
    ['an Ed448 key', ed448],
    ['an X25519 key', x25519],
    ['a key that is cut off', { kty: 'RSA', n: rsa['n'] }],
    ['a key of numbers', { ...rsa, n: 1 }],
    ['a point that is not on its curve', { ...p256, x: p384['x'] }],
    ['an unknown kind of key', { kty: 'AKP', pub: 'AAAA' }],
    ['nothing', {}],
    ['null', null],
    ['a text', 'key'],
  ])('skips %s, and keeps the others', async (_what, jwk) => {
    const keys = await fetchFrom(200, { keys: [jwk, { ...p256, kid: 'good' }, jwk] });
    expect(keys.map(({ kid }) => kid)).toEqual(['good']);
    await expect(fetchFrom(200, { keys: [jwk] })).rejects.toThrow('holds no key that can verify a signature');
    expect(isTakenInOptions(jwk)).toBe(false);
  });

  it('takes a key once that is published twice', async () => {
    const keys = await fetchFrom(200, { keys: [rsa, { ...rsa, kid: 'a' }, rsa, { ...rsa, kid: 'a', alg: 'RS256' }] });
    expect(keys.map(({ kid, alg }) => [kid, alg])).toEqual([
      [undefined, undefined],
      ['a', undefined],
      ['a', 'RS256'],
    ]);
  });

  it('takes a key set after a byte order mark', async () => {
    const keys = await fetchFrom(200, `\uFEFF${JSON.stringify({ keys: [{ ...p256, kid: 'a' }] })}`);
    expect(keys.map(({ kid }) => kid)).toEqual(['a']);
  });

  it('takes 500 keys', async () => {
    const keys = await fetchFrom(200, {
      keys: Array.from({ length: 500 }, (_, index) => ({ ...p256, kid: `${index}` })),
    });
    expect(keys).toHaveLength(500);
  });

  it('takes a kid as it stands, and only a text', async () => {
    const kids = ['k/+=?', '', 'k', 1];
    const keys = await fetchFrom(200, { keys: kids.map((kid) => ({ ...p256, kid })) });
    expect(keys.map(({ kid }) => kid)).toEqual(['k/+=?', undefined, 'k']);
  });

  it.each([
    ['an error', 500, { keys: [rsa] }],
    ['nothing found', 404, 'not found'],
    ['an empty answer', 200, ''],
    ['no content', 204, ''],
    ['HTML', 200, '<html></html>'],
    ['half a JSON', 200, '{"keys":['],
    ['null', 200, 'null'],
    ['a list', 200, [rsa]],
    ['no keys', 200, { keys: [] }],
    ['more keys than are imported without a stall', 200, { keys: Array.from({ length: 501 }, () => p256) }],
    ['keys that are no list', 200, { keys: { a: rsa } }],
    ['metadata', 200, { issuer: 'https://as.test', jwks_uri: 'https://as.test/jwks' }],
  ])('fails on %s', async (_what, status, body) => {
    await expect(fetchFrom(status, body)).rejects.toThrow(Error);
  });
});
