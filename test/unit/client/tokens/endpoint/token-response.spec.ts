import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { UnsecuredJWT } from 'jose';
import { TokenEndpointError } from '../../../../../lib/errors/token-endpoint.error.js';
import { parseMembers } from '../../../../../lib/client/tokens/endpoint/token-error-response.js';
import { readTokenResponse } from '../../../../../lib/client/tokens/endpoint/token-response.js';
import { oidc } from '../../../../../lib/authorization-servers/oidc.js';
import { resolvedClient } from '../../../../support/resolved-client.js';

const good = { access_token: 'opaque', token_type: 'Bearer', expires_in: 60 };
const jwt = (claims: Record<string, unknown>): string => new UnsecuredJWT(claims).encode();
const read = (body: unknown, absentScope?: 'as-asked' | 'none') => {
  const authorizationServer = { ...oidc({ issuer: 'https://id.example.com' }), absentScope };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readTokenResponse(parseMembers(Buffer.from(text)), resolvedClient({ authorizationServer }));
};

function failureOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('readTokenResponse', () => {
  it.each([
    ['expires_in', { ...good }, 60_000],
    ['expires_in as a string', { ...good, expires_in: '3600' }, 3_600_000],
    ['the token itself', { ...good, expires_in: undefined, access_token: jwt({ iat: 1000, exp: 1120 }) }, 120_000],
    [
      'the token itself if expires_in is null',
      { ...good, expires_in: null, access_token: jwt({ iat: 1000, exp: 1120 }) },
      120_000,
    ],
    ['the default', { ...good, expires_in: undefined }, 300_000],
    [
      'the default if the claims make no sense',
      { ...good, expires_in: undefined, access_token: jwt({ iat: 2, exp: 1 }) },
      300_000,
    ],
    [
      'the default if the claims say that it ends as it begins',
      { ...good, expires_in: undefined, access_token: jwt({ iat: 1, exp: 1 }) },
      300_000,
    ],
    ['a year if it is for ever', { ...good, expires_in: 1e15 }, 31_536_000_000],
  ])('takes the lifetime from %s', (_name, body, lifetime) => {
    expect(read(body)).toMatchObject({ lifetime });
  });

  it.each([
    ['the answer', { ...good, scope: 'a b' }, undefined, ['a', 'b']],
    ['an answer that grants none', { ...good, scope: '' }, undefined, []],
    ['the claim scope', { ...good, access_token: jwt({ scope: 'a b' }) }, undefined, ['a', 'b']],
    ['the claim scp', { ...good, access_token: jwt({ scp: ['a', 'b'] }) }, undefined, ['a', 'b']],
    ['nobody', good, 'as-asked', undefined],
    ['a server that means none by saying nothing', good, 'none', []],
    ['null, which says nothing', { ...good, scope: null }, 'none', []],
  ] as const)('takes the granted scopes from %s', (_name, body, absentScope, scope) => {
    expect(read(body, absentScope).scope).toEqual(scope);
  });

  it.each(['bearer', 'BEARER', 'Bearer'])('takes the token_type %s', (token_type) => {
    expect(read({ ...good, token_type })).toMatchObject({ value: 'opaque' });
  });

  it('ignores what else comes along', () => {
    expect(read({ ...good, refresh_token: null, id_token: 'x', token_use: {} })).toMatchObject({
      value: 'opaque',
    });
  });

  it.each([
    ['HTML', '<html>'],
    ['null', 'null'],
    ['a text', '"token"'],
    ['half a JSON', '{"access_token":"a'],
    ['nothing', ''],
    ['no token', { ...good, access_token: undefined }],
    ['an empty token', { ...good, access_token: '' }],
    ['a token that is no text', { ...good, access_token: {} }],
    ['a token with a line break', { ...good, access_token: 'a\r\nb' }],
    ['a token with a space', { ...good, access_token: 'a b' }],
    ['a token beyond ASCII', { ...good, access_token: 'ä' }],
    ['no type', { ...good, token_type: undefined }],
    ['another type', { ...good, token_type: 'mac' }],
    ['a sender-constrained type', { ...good, token_type: 'DPoP' }],
    ['a scope that is no text', { ...good, scope: 1 }],
    ['a lifetime of zero', { ...good, expires_in: 0 }],
    ['a negative lifetime', { ...good, expires_in: -1 }],
    ['a lifetime that is no number', { ...good, expires_in: 'soon' }],
    ['a lifetime that begins like a number', { ...good, expires_in: '60 s' }],
    ['an endless lifetime', '{"access_token":"opaque","token_type":"Bearer","expires_in":1e999}'],
    ['a lifetime in an object', { ...good, expires_in: {} }],
  ])('refuses %s, without repeating it', (_name, body) => {
    const error = failureOf(() => read(body));
    expect(error).toBeInstanceOf(TokenEndpointError);
    expect(inspect(error, { depth: Infinity })).not.toContain('opaque');
  });
});
