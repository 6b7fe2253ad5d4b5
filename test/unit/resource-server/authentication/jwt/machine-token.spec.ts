import { describe, expect, it } from '@jest/globals';
import type { CallerKind } from '../../../../../lib/authorization-servers/authorization-server.js';
import { readStandardClaims } from '../../../../../lib/authorization-servers/standard.js';
import type { ResolvedIssuer } from '../../../../../lib/options/resolved-options.js';
import { hasMachineToken } from '../../../../../lib/resource-server/authentication/jwt/machine-token.js';
import { textsOf } from '../../../../../lib/resource-server/transports/request-texts.js';
import { base64url } from '../../../../support/issuer.js';

const standard = {
  authorizationServer: {
    name: 'standard',
    issuer: 'https://a.test',
    acceptedIssuers: ['https://a.test'],
    readClaims: readStandardClaims,
  },
  audience: ['api'],
};
const two = {
  authorizationServer: {
    name: 'writes two issuers',
    issuer: 'https://b.test',
    acceptedIssuers: ['https://b.test', 'https://old.b.test'],
    readClaims: ({ kind }: { kind?: unknown }) => ({ scopes: [], audience: [], kind: kind as CallerKind }),
  },
  audience: null,
};
const issuers = [standard, two] as unknown as readonly ResolvedIssuer[];

const payload = '{"iss":"https://a.test"}';
const encoded = base64url(payload);
const jwt = (claims: unknown): string => `h.${base64url(JSON.stringify(claims))}.s`;

const many = (count: number, make: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => make(index));
const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}"deep"${']'.repeat(levels)}`);
const texts = (body: unknown, headers = {}): string => [...textsOf({ url: '/url', headers, body })].join('\n');

describe('hasMachineToken', () => {
  it.each<[string, string, boolean]>([
    ['a client', jwt({ iss: 'https://a.test', client_id: 'x', sub: 'x' }), true],
    ['a token without sub', jwt({ iss: 'https://a.test' }), true],
    ['a user', jwt({ iss: 'https://a.test', client_id: 'x', sub: 'alice', sid: 's' }), false],
    ['what may be a user', jwt({ iss: 'https://a.test', client_id: 'x', sub: 'alice' }), true],
    ['claims that cannot be read', jwt({ iss: 'https://a.test', client_id: 1, sub: 'alice' }), true],
    ['a server that cannot tell', jwt({ iss: 'https://b.test', kind: 'unknown' }), true],
    ['another server says machine', jwt({ iss: 'https://b.test', kind: 'machine' }), true],
    ['another server says user', jwt({ iss: 'https://old.b.test', kind: 'user' }), false],
    ['the second of two issuers', jwt({ iss: 'https://old.b.test', kind: 'machine' }), true],
    ['a strange issuer', jwt({ iss: 'https://c.test' }), false],
    ['no issuer', jwt({}), false],
    ['the encoding of ordinary base64', `h.${btoa('{"iss":"https://a.test","a":"\u00fb\u00ff\u00fe>?"}')}.s`, true],
    ['duplicate members', `h.${base64url('{"iss":"https://c.test","iss":"https://a.test"}')}.s`, true],
    ['null', jwt(null), false],
    ['a text', jwt('https://a.test'), false],
    ['no JSON', `h.${base64url('{')}.s`, false],
    ['no JWT', 'opaque', false],
    ['nothing', '', false],
    ['white space around the payload', `h.${base64url(`\r\n\t ${payload} `)}.s`, true],
    ['white space in the payload', `h.${base64url(payload.replace('{', '{\n  '))}.s`, true],
    ['a byte order mark', `h.${base64url(`\uFEFF${payload}`)}.s`, true],
    ['an escaped name of a claim', `h.${base64url(payload.replace('iss', String.raw`\u0069ss`))}.s`, true],
    ['a payload alone', encoded, true],
    ['a payload in a cookie of its own', `head=h; payload=${encoded}; signature=s`, true],
    ['dots before and after', `a.b.h.${encoded}.s.c`, true],
    ['separators of any kind', `(a.b|<h.${encoded}.s>)`, true],
    ['a path', `/a/h.${encoded}.s/b`, true],
    ['the escapes of a URL', `h%2e${encoded.replace('e', '%65')}%2Es`, true],
    ['escapes of escapes', `h%25252E${encoded.replace('e', '%252565')}.s`, true],
    ['escapes of escapes of what only a fourth reader decodes', encoded.replace('e', '%25252565'), false],
    ['a malformed escape beside', `%zz h%2E${encoded}.s %`, true],
    ['the escapes of JSON', String.raw`{"t":"h\u002e${encoded.replace('e', String.raw`\u0065`)}.s"}`, true],
    ['the escapes of JSON in a cookie', `j%3A%7B%22t%22%3A%22h%5Cu002E${encoded}.s%22%7D`, true],
    ['a strange token before it', `${jwt({ iss: 'https://c.test' })},h.${encoded}.s`, true],
  ])('%s', (_name, token, isMachine) => {
    expect(hasMachineToken([token], issuers)).toBe(isMachine);
  });

  it('is what an authorization server says it is, for the audience that counts', () => {
    const seen: unknown[] = [];
    const readClaims = (_claims: unknown, audience: unknown) => {
      seen.push(audience);
      return { scopes: [], audience: [], kind: 'user' };
    };
    for (const audience of [['api'], null]) {
      const authorizationServer = { ...standard.authorizationServer, readClaims };
      hasMachineToken([encoded], [{ authorizationServer, audience }] as unknown as readonly ResolvedIssuer[]);
    }
    expect(seen).toEqual([['api'], []]);
  });

  it('is found in any of several texts', () => {
    expect(hasMachineToken(['a', jwt({ iss: 'https://a.test' }), 'b'], issuers)).toBe(true);
  });

  it('is taken for granted among more than 100 tokens', () => {
    const strange = many(101, (index) => jwt({ iss: 'https://c.test', jti: index }));
    const half = strange.slice(0, 50).join();
    expect(hasMachineToken([half, strange.slice(50, 100).join()], issuers)).toBe(false);
    expect(hasMachineToken([half, strange.slice(50).join()], issuers)).toBe(true);
    expect(hasMachineToken([half, half, half], issuers)).toBe(false);
  });

  it('is taken for granted among more than 1000 texts that begin like one', () => {
    const like = many(1001, (index) => jwt({ sub: index, padding: 'x' }));
    const most = like.slice(0, 1000).join();
    expect(hasMachineToken([most, most], issuers)).toBe(false);
    expect(hasMachineToken([most, like.join()], issuers)).toBe(true);
  });

  it('is not seen in a long list of what users send', () => {
    const uuids = many(10_000, (index) => `e7${String(index).padStart(6, '0')}-1c1e-4f0a-9b1d-0123456789ab`);
    const rows = uuids.map((uuid) => `expirationDateTime=${uuid};CustomerIdentifier=1`);
    expect(hasMachineToken([rows.join()], issuers)).toBe(false);
  });

  it('is not seen in much that is like a token, however much it is', () => {
    expect(hasMachineToken([`${jwt({ sub: 'https://a.test' })},a.b.c,`.repeat(500)], issuers)).toBe(false);
  });
});

describe('textsOf', () => {
  it('are of the URL, of every header and of what Authorization encodes', () => {
    const authorization = `Basic ${btoa('user:a long password')}`;
    const all = texts(undefined, { one: '1', two: ['2', '3'], none: undefined, authorization });
    expect(all.split('\n')).toEqual(
      expect.arrayContaining(['/url', '1', '2', '3', authorization, 'user:a long password']),
    );
  });

  it.each<[string, unknown, string[]]>([
    ['a text', 'text', ['text']],
    ['a form', Object.assign(Object.create(null), { a: '1', b: ['2', '3'] }), ['a', '1', 'b', '2', '3']],
    ['JSON', [null, 1, true, { a: [{ b: 'c' }] }], ['a', 'b', 'c']],
    ['deep JSON', nested(100), ['deep']],
    ['wide JSON', Array.from({ length: 200 }, () => ['wide']), ['wide']],
  ])('are of the names and values of %s', (_name, body, expected) => {
    expect(texts(body).split('\n')).toEqual(expect.arrayContaining(expected));
  });

  it.each([101, 100_000])('are none where JSON is nested %d levels deep', (levels) => {
    expect(() => texts(nested(levels))).toThrow('the body is over 100 levels deep');
  });

  it('are of bodies whose parts refer to each other, and of no object that is more than data', () => {
    const part: Record<string, unknown> = {
      value: 'text',
      file: new (class Stream {
        path = 'of the application';
      })(),
    };
    const body = { part };
    part['fields'] = body;
    expect(texts(body)).toContain('text');
    expect(texts(body)).not.toContain('of the application');
  });
});
