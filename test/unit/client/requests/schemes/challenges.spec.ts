import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { missingScopes, parseChallenges } from '../../../../../lib/client/requests/schemes/challenges.js';

const parsed = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('parseChallenges', () => {
  it.each<[string, unknown[]]>([
    ['', []],
    [' , ,', []],
    ['error="invalid_token", Bearer', []],
    ['Bearer', [['bearer', {}]]],
    ['Bearer error="invalid_token"', [['bearer', { error: 'invalid_token' }]]],
    ['BEARER ERROR = invalid_token', [['bearer', { error: 'invalid_token' }]]],
    ['Bearer realm="a, b=c", error="invalid_token"', [['bearer', { realm: 'a, b=c', error: 'invalid_token' }]]],
    ['Bearer realm="say \\"hi\\""', [['bearer', { realm: 'say "hi"' }]]],
    ['Bearer realm="", error="x"', [['bearer', { realm: '', error: 'x' }]]],
    [
      'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
      [
        ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
        ['basic', { realm: 'simple' }],
      ],
    ],
    [
      'Basic realm="x", Bearer',
      [
        ['basic', { realm: 'x' }],
        ['bearer', {}],
      ],
    ],
    [
      'Negotiate oYGeMIGb==, Bearer error="invalid_token"',
      [
        ['negotiate', {}],
        ['bearer', { error: 'invalid_token' }],
      ],
    ],
    [
      'Negotiate, Bearer , error="invalid_token",',
      [
        ['negotiate', {}],
        ['bearer', { error: 'invalid_token' }],
      ],
    ],
    ['Basic realm="Bearer error=\\"invalid_token\\""', [['basic', { realm: 'Bearer error="invalid_token"' }]]],
    ['Bearer error="invalid_token', [['bearer', { error: 'invalid_token' }]]],
    ['Bearer scope="" error="invalid_token"', [['bearer', { scope: '', error: 'invalid_token' }]]],
    [
      'Bearer authorization_uri=https://login.example/a?b, error=invalid_token',
      [['bearer', { authorization_uri: 'https://login.example/a?b', error: 'invalid_token' }]],
    ],
    [
      'Bearer realm="a" Basic realm="b"',
      [
        ['bearer', { realm: 'a' }],
        ['basic', { realm: 'b' }],
      ],
    ],
    ['Bearer "error"', [['bearer', {}]]],
    ['="x", Bearer error="invalid_token"', []],
  ])('%s', (header, challenges) => {
    expect(parsed(header)).toEqual(challenges);
  });

  it('reads back whatever was written', () => {
    const token = fc.stringMatching(/^[a-z][a-z0-9._~-]{0,8}$/);
    const value = fc.string({ maxLength: 12 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, ''));
    const challenge = fc.tuple(token, fc.dictionary(token, value, { maxKeys: 4 }));
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
        const written = challenges.map(([scheme, parameters]) => {
          const list = Object.entries(parameters).map(
            ([name, text]) => `${name}="${text.replaceAll(/["\\]/g, '\\$&')}"`,
          );
          return `${scheme} ${list.join(', ')}`;
        });
        expect(parsed(written.join(', '))).toEqual(
          challenges.map(([scheme, parameters]) => [scheme, { ...parameters }]),
        );
      }),
    );
  });

  it('ends, whatever it is given', () => {
    fc.assert(fc.property(fc.string(), (header) => Array.isArray(parseChallenges(header))));
    expect(parseChallenges(`Bearer ${'a='.repeat(8000)}`)).toHaveLength(1);
    expect(parseChallenges(`Bearer x="${'\\'.repeat(16_000)}`)).toHaveLength(1);
  });
});

describe('missingScopes', () => {
  it.each<[string | undefined, readonly string[] | undefined]>([
    [undefined, undefined],
    ['Bearer error="invalid_token", scope="a"', undefined],
    ['Bearer error="insufficient_scope"', []],
    ['Bearer error="insufficient_scope", scope="read:a write:b"', ['read:a', 'write:b']],
    ['Bearer error="insufficient_scope", scope="a\u001b[31m b\\" c"', ['c']],
  ])('%s', (header, scopes) => {
    expect(missingScopes({ 'WWW-Authenticate': header })).toEqual(scopes);
  });
});
