import { describe, expect, it } from '@jest/globals';
import { untrusted, whyUntrusted } from '../../../../lib/client/requests/untrusted-url.js';

const why = (written: string) => whyUntrusted(new URL(written), written);

describe('whyUntrusted', () => {
  it.each([
    ['a user', 'https://user@shop.example/api', 'credentials'],
    ['a password', 'https://:secret@shop.example/api', 'credentials'],
    ['an encoded slash', 'https://shop.example/api/..%2Fadmin', '%2f'],
    ['an encoded backslash', 'https://shop.example/api/..%5cadmin', '%5c'],
    ['a backslash', 'https://shop.example/api\\products', 'backslash'],
    ['encoded dot segments', 'https://shop.example/api/a/%2e%2E/b', '%2e'],
    ['half-encoded dot segments', 'https://shop.example/api/a/.%2e/b', '%2e'],
    ['dots encoded twice', 'https://shop.example/api/%252e%252e/admin', '%2e'],
    ['a slash encoded three times', 'https://shop.example/api/..%25252fadmin', '%2f'],
    ['a parameter of a dot segment', 'https://shop.example/api/..;/admin', '..;'],
    ['an encoded parameter of a dot segment', 'https://shop.example/api/..%3B/admin', '..;'],
    ['a tab in an escape', 'https://shop.example/api/..%2\tfadmin', 'path'],
    ['a line feed', 'https://shop.example/api/\nproducts', 'path'],
  ])('refuses %s', (_, written, reason) => {
    expect(why(written)).toContain(reason);
  });

  it.each([
    'https://shop.example/api/products?next=%2F..%2Fadmin&back=\\',
    'https://shop.example/api/products#%2e%2e',
    'https://shop.example/api/v1.2/file.tar.gz',
    'https://shop.example/api/...',
    'https://shop.example/api/a;v=1/b',
    'https://shop.example/api/100%25',
  ])('has nothing against %s', (written) => {
    expect(why(written)).toBeUndefined();
  });
});

describe('untrusted', () => {
  it('names origin and path, and neither query nor credentials', () => {
    const { message, code } = untrusted(new URL('https://user:secret@shop.example/api?key=secret'), 'is wrong');
    expect(code).toBe('ERR_M2M_UNTRUSTED_TARGET');
    expect(message).toBe('no token goes to https://shop.example/api: it is wrong');
  });

  it('does not repeat what cannot be parsed', () => {
    expect(untrusted(undefined, 'is wrong').message).toContain('cannot be parsed');
  });
});
