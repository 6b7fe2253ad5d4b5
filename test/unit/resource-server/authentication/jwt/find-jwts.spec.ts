import { describe, expect, it } from '@jest/globals';
import type { CallerKind } from '../../../../../lib/authorization-servers/authorization-server.js';
import { readStandardClaims } from '../../../../../lib/authorization-servers/standard.js';
import type { ResolvedIssuer } from '../../../../../lib/options/resolved-options.js';
import { findJwts, kindOfJwt, type FoundJwt } from '../../../../../lib/resource-server/authentication/jwt/find-jwts.js';
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
const found = (text: string, accepted = issuers): readonly FoundJwt[] =>
  findJwts(text).flatMap((claims) => {
    const isNamed = (name: string): boolean => name === claims['iss'];
    const issuer = accepted.find(({ authorizationServer }) => authorizationServer.acceptedIssuers.some(isNamed));
    return issuer ? [{ claims, issuer }] : [];
  });
const kindsIn = (text: string): readonly CallerKind[] => found(text).map(kindOfJwt);

describe('findJwts', () => {
  it.each<[string, string, CallerKind[]]>([
    ['a client', jwt({ iss: 'https://a.test', client_id: 'x', sub: 'x' }), ['machine']],
    ['a token without sub', jwt({ iss: 'https://a.test' }), ['machine']],
    ['a user', jwt({ iss: 'https://a.test', client_id: 'x', sub: 'alice', sid: 's' }), ['user']],
    ['what may be a user', jwt({ iss: 'https://a.test', client_id: 'x', sub: 'alice' }), ['unknown']],
    ['claims that cannot be read', jwt({ iss: 'https://a.test', client_id: 1, sub: 'alice', sid: 's' }), ['machine']],
    ['another server says user', jwt({ iss: 'https://old.b.test', kind: 'user' }), ['user']],
    ['another server says what is no kind', jwt({ iss: 'https://old.b.test', kind: 'service' }), ['machine']],
    ['another server does not say', jwt({ iss: 'https://old.b.test' }), ['machine']],
    ['a strange issuer', jwt({ iss: 'https://c.test' }), []],
    ['no issuer', jwt({}), []],
    [
      'the encoding of ordinary base64',
      `h.${btoa('{"iss":"https://a.test","a":"\u00fb\u00ff\u00fe>?"}')}.s`,
      ['machine'],
    ],
    ['duplicate members', `h.${base64url('{"iss":"https://c.test","iss":"https://a.test"}')}.s`, ['machine']],
    ['a text', jwt('https://a.test'), []],
    ['no JSON', `h.${base64url('{"iss":"https://a.test"')}.s`, []],
    ['no JWT', 'opaque', []],
    ['nothing', '', []],
    ['white space in the payload', `h.${base64url(payload.replace('{', '{\n  '))}.s`, ['machine']],
    ['an escaped name of a claim', `h.${base64url(payload.replace('iss', String.raw`\u0069ss`))}.s`, ['machine']],
    ['a payload in a cookie of its own', `head=h; payload=${encoded}; signature=s`, ['machine']],
    ['dots before and after', `a.b.h.${encoded}.s.c`, ['machine']],
    ['separators of any kind', `(a.b|<h.${encoded}.s>)`, ['machine']],
    ['the escapes of a URL', `h%2e${encoded.replace('e', '%65')}%2Es`, ['machine']],
    ['a malformed escape beside', `%zz h%2E${encoded.replace('e', '%65')}.s %`, ['machine']],
    [
      'the escapes of JSON in a cookie',
      `j%3A%7B%22t%22%3A%22${encoded.replace('e', String.raw`%5Cu0065`)}%22%7D`,
      ['machine'],
    ],
    [
      'a token among others',
      `${jwt({ iss: 'https://c.test' })},h.${encoded}.s,${jwt({ iss: 'https://b.test', kind: 'user' })}`,
      ['machine', 'user'],
    ],
  ])('finds in %s', (_name, text, kinds) => {
    expect(kindsIn(text)).toEqual(kinds);
  });

  it('tells the authorization server the audience that counts', () => {
    const seen: unknown[] = [];
    const readClaims = (_claims: unknown, audience: unknown) => {
      seen.push(audience);
      return { scopes: [], audience: [], kind: 'user' };
    };
    for (const audience of [['api'], null]) {
      const authorizationServer = { ...standard.authorizationServer, readClaims };
      found(encoded, [{ authorizationServer, audience }] as unknown as readonly ResolvedIssuer[]).map(kindOfJwt);
    }
    expect(seen).toEqual([['api'], []]);
  });

  it('takes a token for a machine of which the server promises to say', async () => {
    const answers = [{ scopes: [], audience: [], kind: 'user' }, new Error('nobody waits for it')];
    const promising = answers.map((answer) => {
      const readClaims = () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer));
      return { authorizationServer: { ...standard.authorizationServer, readClaims }, audience: ['api'] };
    });
    for (const issuer of promising as unknown as readonly ResolvedIssuer[]) {
      expect(kindOfJwt({ claims: { iss: 'https://a.test' }, issuer })).toBe('machine');
    }
    // A rejection that nobody hears ends the process.
    await new Promise(setImmediate);
  });

  it('reads at most 100 tokens', () => {
    const strange = Array.from({ length: 101 }, (_, index) => jwt({ iss: 'https://c.test', jti: index }));
    expect(kindsIn(strange.slice(1).join())).toEqual([]);
    expect(() => kindsIn(strange.join())).toThrow('the request has more than 100 tokens');
  });
});
