import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { untrusted, whyUntrusted } from '../../../../lib/client/requests/untrusted-url.js';

type Target = Parameters<typeof whyUntrusted>[2];

const PREFIX: Target = { path: '/api', encodedSlashes: 'refuse' };
const OPEN_PREFIX: Target = { path: '/api', encodedSlashes: 'allow' };
const WHOLE_ORIGIN: Target = { path: '', encodedSlashes: 'refuse' };

const why = (written: string, target: Target = PREFIX) => whyUntrusted(new URL(written), written, target);

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
    ['a parameter of a dot segment, encoded twice', 'https://shop.example/api/..%253badmin', '..;'],
    ['a slash of two bytes', 'https://shop.example/api/..%c0%afadmin', 'path'],
    ['dots of two bytes', 'https://shop.example/api/%c0%ae%C0%AE/admin', 'path'],
    ['dots of three bytes', 'https://shop.example/api/%e0%80%ae%E0%80%AE/admin', 'path'],
    ['a slash of four bytes', 'https://shop.example/api/..%f0%80%80%afadmin', 'path'],
    ['dots whose encoding is encoded in every character', 'https://shop.example/api/%25%32%65%25%32%45/admin', '%2e'],
    ['dots whose digits are encoded', 'https://shop.example/api/%2%65%2%45/admin', '%2e'],
    ['a slash whose digits are encoded, twice', 'https://shop.example/api/..%%25%33%32%66admin', '%2f'],
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

describe.each([
  ['below a prefix', PREFIX],
  ['below a prefix with encoded slashes', OPEN_PREFIX],
  ['of a whole origin', WHOLE_ORIGIN],
])('a path %s', (_, target) => {
  it.each(['%00', '%09', '%0a', '%0D', '%1f', '%7F', '%250a', '%25250a', '\t', '\n', '\r', '\0', '\u007f', '\u0085'])(
    'is refused with a control character: %j',
    (character) => {
      expect(why(`https://shop.example/api/.${character}./admin`, target)).toContain('control character');
    },
  );

  it.each(['%250%39', '%%30%41', '%25%30%64', '%c2%85', '%c0%8a'])(
    'is refused with a control character in another encoding: %s',
    (character) => {
      expect(why(`https://shop.example/api/.${character}./admin`, target)).toContain('control character');
    },
  );

  it.each(['?q=%0a', '#%00', '/%C3%A4', '/a%20b', '/100%25', '/%E2%82%AC'])('is not refused with %s', (end) => {
    expect(why(`https://shop.example/api${end}`, target)).toBeUndefined();
  });
});

describe('a path of a whole origin', () => {
  it.each(['/projects/group%2Fproject/files/lib%2Fclass%2Erb', '/api/queues/%2F/q', '/a%5Cb', '/a%252Fb', '/..;/a'])(
    'is not refused: %s',
    (path) => {
      expect(why(`https://shop.example${path}`, WHOLE_ORIGIN)).toBeUndefined();
    },
  );
});

describe("a path below a prefix with encodedSlashes: 'allow'", () => {
  it.each(['/group%2Fproject', '/%2F/q', '/lib%2Fclass%2Erb', '/a%252Fb', '/a/../b', '/..a%2Fb', '/a%2F...%2Fb'])(
    'is not refused: %s',
    (path) => {
      expect(why(`https://shop.example/api${path}`, OPEN_PREFIX)).toBeUndefined();
    },
  );

  it.each([
    '/..%2Fadmin',
    '/a%2F..%2F..%2Fadmin',
    '/%2e%2e/admin',
    '/%2E/admin',
    '/.%2e',
    '/a%2F%2e%2e%2Fb',
    '/a%252F%252e%252e',
    '/a%25252F..%25252Fb',
    '/a%2F..;x%2Fb',
    '/..%3b/admin',
    '/a%5Cb',
    '/a\\b',
    '/a%255cb',
    '/a%c0%afb',
  ])('is refused if it holds a dot segment or a backslash once decoded: %s', (path) => {
    expect(why(`https://shop.example/api${path}`, OPEN_PREFIX)).toContain('once decoded');
  });
});

/** Percent-encodes all of a text, so many times. */
function encode(text: string, times: number): string {
  const encoded = text.replace(/./gs, (each) => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return encoded.replaceAll('%', `%${'25'.repeat(times - 1)}`);
}

describe('a path that is not refused', () => {
  const special = fc.constantFrom('.', '..', '/', '\\', ';', '%', '\0', '\t', '\n');
  const pieces = fc.oneof(
    special,
    fc.tuple(special, fc.integer({ min: 1, max: 3 })).map(([text, times]) => encode(text, times)),
    fc.constantFrom('a', 'api', '%c0%af', '%C0%AE', '/api/'),
  );
  const paths = fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join(''));

  /** How servers read a path: decoded so many times, with or without what each of them does. */
  const servers = fc.record({
    decodings: fc.integer({ min: 0, max: 3 }),
    stripsControls: fc.boolean(),
    takesBackslashes: fc.boolean(),
    dropsParameters: fc.boolean(),
  });

  function read(path: string, server: typeof servers extends fc.Arbitrary<infer Server> ? Server : never): string {
    let text = path;
    for (let times = 0; times < server.decodings; times += 1) {
      text = text.replace(/%c0%a([ef])/gi, (_, last: string) => (last.toLowerCase() === 'f' ? '/' : '.'));
      text = text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    }
    if (server.stripsControls) text = text.replace(/\p{Cc}/gu, '');
    if (server.takesBackslashes) text = text.replaceAll('\\', '/');
    if (server.dropsParameters) text = text.replace(/;[^/]*/g, '');
    const segments: string[] = [];
    for (const segment of text.split('/')) {
      if (segment === '..') segments.pop();
      else if (segment !== '.' && segment !== '') segments.push(segment);
    }
    return `/${segments.join('/')}`;
  }

  it.each([PREFIX, OPEN_PREFIX])('stays under its prefix, whatever the server does: %j', (target) => {
    fc.assert(
      fc.property(paths, servers, (path, server) => {
        const written = `https://shop.example/api/${path}`;
        if (!URL.canParse(written)) return;
        const url = new URL(written);
        if (!/^\/api(?:\/|$)/.test(url.pathname) || whyUntrusted(url, written, target) !== undefined) return;
        expect(read(url.pathname, server)).toMatch(/^\/api(?:\/|$)/);
      }),
      { numRuns: 20_000 },
    );
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
