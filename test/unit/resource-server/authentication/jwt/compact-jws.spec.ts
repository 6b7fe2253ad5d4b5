import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { InvalidTokenError } from '../../../../../lib/errors/invalid-token.error.js';
import {
  issuerNamedBy,
  parseCompactJws,
  parseHeader,
} from '../../../../../lib/resource-server/authentication/jwt/compact-jws.js';
import { base64url } from '../../../../support/issuer.js';

const header = base64url('{"alg":"RS256"}');
const payload = base64url('{"iss":"a"}');

const unsigned = (claims: string): string => `${base64url('{"alg":"none"}')}.${base64url(claims)}.c2ln`;

/** Both parts: a header is parsed on its own. */
function read(token: string): object {
  const jws = parseCompactJws(token);
  return { ...jws, header: parseHeader(jws.encodedHeader) };
}

function refusalOf(token: string): unknown {
  try {
    read(token);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('parseCompactJws', () => {
  it('reads header and claims, and keeps the bytes of the payload', () => {
    const text = '{"name":"Zoë 🚀"}';
    const jws = parseCompactJws(`${header}.${base64url(text)}.c2ln`);
    expect(jws.claims).toEqual({ name: 'Zoë 🚀' });
    expect(parseHeader(jws.encodedHeader)).toEqual({ alg: 'RS256' });
    expect(Buffer.from(jws.payload, 'latin1').toString('utf8')).toBe(text);
  });

  it('keeps the bytes that were signed, and those of the signature', () => {
    const { signingInput, signature } = parseCompactJws(`${header}.${payload}.c2ln`);
    expect(signingInput.toString()).toBe(`${header}.${payload}`);
    expect(signature.toString()).toBe('sig');
  });

  it.each([
    ['nothing', ''],
    ['one part', header],
    ['two parts', `${header}.${payload}`],
    ['no signature', `${header}.${payload}.`],
    ['no header', `.${payload}.c2ln`],
    ['no payload', `${header}..c2ln`],
    ['four parts', `${header}.${payload}.c2ln.c2ln`],
    ['a JWE', `${header}.c2ln.c2ln.c2ln.c2ln`],
    ['JSON serialization', JSON.stringify({ payload, protected: header, signature: 'c2ln' })],
    ['padding', `${header}.${payload}.c2lnbg==`],
    ['the other base64 alphabet', `${header}.${payload}.c+/n`],
    ['a line break', `${header}.${payload}.c2\nln`],
    ['a trailing line break', `${header}.${payload}.c2ln\n`],
    ['a null', `${header}.${payload}.c2ln\0`],
    ['a length that no bytes have', `${header}.${payload}.c2lna`],
    ['unused bits that are set, after two characters', `${header}.${payload}.c2lnbh`],
    ['unused bits that are set, after three characters', `${header}.${payload}.c2lnbmb`],
    ['unused bits that are set in the header', `${header.slice(0, -1)}R.${payload}.c2ln`],
    ['a header that is no JSON', `${base64url('alg')}.${payload}.c2ln`],
    ['a header that is an array', `${base64url('["RS256"]')}.${payload}.c2ln`],
    ['a duplicate in the header', `${base64url('{"alg":"none","alg":"RS256"}')}.${payload}.c2ln`],
    ['a payload that is null', `${header}.${base64url('null')}.c2ln`],
    ['a payload that is a token', `${header}.${base64url(`${header}.${payload}.c2ln`)}.c2ln`],
    ['a payload that is not UTF-8', `${header}.${base64url(Buffer.from('{"a":"\xff"}', 'latin1'))}.c2ln`],
    ['a payload in UTF-16', `${header}.${base64url(Buffer.from('{"a":1}', 'utf16le'))}.c2ln`],
  ])('refuses %s', (_what, token) => {
    expect(() => read(token)).toThrow(expect.objectContaining({ reason: 'malformed' }));
  });

  it('refuses a token of more than 16 KiB before it reads it', () => {
    const token = `${header}.${payload}.`.padEnd(16 * 1024, 'A');
    expect(parseCompactJws(token).claims).toEqual({ iss: 'a' });
    expect(() => parseCompactJws(`${token}A`)).toThrow(expect.objectContaining({ reason: 'too-large' }));
  });

  it('throws nothing but InvalidTokenError, and shows nothing of the token, whatever comes', () => {
    const parts = fc.array(fc.oneof(fc.base64String(), fc.json().map(base64url), fc.string()), { maxLength: 6 });
    fc.assert(
      fc.property(parts, (all) => {
        const refusal = refusalOf(all.join('.'));
        expect(refusal === undefined || refusal instanceof InvalidTokenError).toBe(true);
        expect(all.filter((part) => part.length > 12 && String(refusal).includes(part))).toEqual([]);
      }),
    );
  });

  it('reads a part in one encoding only', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 8 }), (bytes) => {
        const signature = base64url(bytes);
        const readable = alphabet.filter((last) => {
          const changed = signature.slice(0, -1) + last;
          const isSame = Buffer.compare(Buffer.from(changed, 'base64url'), bytes) === 0;
          return isSame && refusalOf(`${header}.${payload}.${changed}`) === undefined;
        });
        expect(readable).toEqual([signature.at(-1)]);
      }),
    );
  });
});

describe('issuerNamedBy', () => {
  it('reads the iss of a JWT, whatever signed it', () => {
    expect(issuerNamedBy(unsigned('{"iss":"https://as.test"}'))).toBe('https://as.test');
  });

  it.each([
    ['an opaque token', 'opaque'],
    ['a JWT without iss', unsigned('{}')],
    ['a JWT whose iss is no text', unsigned('{"iss":1}')],
    ['a JWT that names two', unsigned('{"iss":"a","iss":"b"}')],
  ])('reads none of %s', (_what, token) => {
    expect(issuerNamedBy(token)).toBeUndefined();
  });
});
