import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { privateKeyFile } from '../../../lib/client-authentication/private-key-file.js';
import { problemsOf } from '../../support/problems-of.js';

const folder = mkdtempSync(join(tmpdir(), 'm2m-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const onCurve = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey;
const jwkOf = (kid: string): string => JSON.stringify({ ...onCurve('P-256').export({ format: 'jwk' }), kid });
const pemOf = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }));

function fileWith(content: string): string {
  const path = join(folder, 'key');
  writeFileSync(path, content);
  return path;
}

describe('privateKeyFile', () => {
  it.each<[string, KeyObject]>([
    ['RS256', rsa],
    ['ES256', onCurve('P-256')],
    ['ES384', onCurve('P-384')],
    ['ES512', onCurve('P-521')],
    ['EdDSA', generateKeyPairSync('ed25519').privateKey],
  ])('derives %s from the key, as PEM and as JWK', (alg, key) => {
    expect(privateKeyFile(fileWith(`${pemOf(key)}\r\n`))).toMatchObject({ method: 'private_key_jwt', alg });
    const jwk = { ...key.export({ format: 'jwk' }), kid: 'key-1' };
    expect(privateKeyFile(fileWith(`\n${JSON.stringify(jwk)}\n`))).toMatchObject({ alg });
  });

  it('reads the file again, with the kid of the newer key', async () => {
    const { credential } = privateKeyFile(fileWith(jwkOf('key-1')));
    const header = async (): Promise<unknown> => credential.parse(await credential.read(), 0).header;
    expect(await header()).toEqual({ alg: 'ES256', kid: 'key-1' });
    fileWith(jwkOf('key-2'));
    expect(await header()).toEqual({ alg: 'ES256', kid: 'key-2' });
  });

  it('takes the algorithm of a JWK', () => {
    const jwk = { ...rsa.export({ format: 'jwk' }), alg: 'PS512' };
    expect(privateKeyFile(fileWith(JSON.stringify(jwk)))).toMatchObject({ alg: 'PS512' });
  });

  it.each<[string, string, RegExp]>([
    ['no PEM', '/run/s3cret', /^is no private key/],
    ['no JSON', '{ "d": "s3cret" ', /^is no private key/],
    ['no JWK', '{ "d": "s3cret" }', /^is no private key/],
    [
      'a public key',
      String(onCurve('P-256').export({ type: 'pkcs8', format: 'pem' })).replaceAll('PRIVATE', 'PUBLIC'),
      /^is no private key/,
    ],
    ['a key on another curve', pemOf(onCurve('secp256k1')), /^is of the type ec secp256k1$/],
    ['a key for key agreement', pemOf(generateKeyPairSync('x25519').privateKey), /^is of the type x25519$/],
    ['a weak key', pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey), /^has 1024 bits$/],
    [
      'an algorithm of other keys',
      JSON.stringify({ ...rsa.export({ format: 'jwk' }), alg: 'ES256' }),
      /^is of the type rsa$/,
    ],
  ])('refuses %s', (_name, content, problem) => {
    const problems = problemsOf(() => privateKeyFile(fileWith(content)));
    expect(problems).toMatchObject([{ problem: expect.stringMatching(problem) as unknown }]);
    expect(JSON.stringify(problems)).not.toContain('s3cret');
  });
});
