import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { UnsecuredJWT } from 'jose';
import { TokenEndpointError } from '../../../../../lib/errors/token-endpoint.error.js';
import { parseMembers } from '../../../../../lib/client/tokens/endpoint/token-error-response.js';
import { parseTokenResponse } from '../../../../../lib/client/tokens/endpoint/token-response.js';

const good = { access_token: 'opaque', token_type: 'Bearer', expires_in: 60 };
const jwt = (claims: Record<string, unknown>): string => new UnsecuredJWT(claims).encode();
const read = (body: unknown, absentScope: 'as-requested' | 'none' | 'as-in-token' = 'as-in-token') => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return parseTokenResponse(parseMembers(Buffer.from(text)), {}, { absentScope, defaultLifetime: 240_000 }, 0);
};

function failureOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('parseTokenResponse', () => {
  it.each([
    ['expires_in', good, 60_000],
    ['the token, if it ends earlier', { ...good, access_token: jwt({ iat: 1000, exp: 1020 }) }, 20_000],
    ['the default of the server', { ...good, expires_in: undefined }, 240_000],
  ])('takes the lifetime from %s', (_name, body, lifetime) => {
    expect(read(body)).toMatchObject({ lifetime });
  });

  it.each([
    ['the answer', { ...good, scope: 'a b' }, undefined, ['a', 'b']],
    ['an answer that grants none', { ...good, scope: '' }, undefined, []],
    ['the claim scope', { ...good, access_token: jwt({ scope: 'a b' }) }, undefined, ['a', 'b']],
    ['the claim scp', { ...good, access_token: jwt({ scp: ['a', 'b'] }) }, undefined, ['a', 'b']],
    [
      'the claim scope if the answer says null',
      { ...good, scope: null, access_token: jwt({ scope: 'a' }) },
      'none',
      ['a'],
    ],
    ['an answer with a list', { ...good, scope: ['a', 'b'] }, undefined, ['a', 'b']],
    ['an answer whose scope is neither', { ...good, scope: 1 }, undefined, undefined],
    ['nobody', good, 'as-requested', undefined],
    ['an opaque token, which does not tell', good, 'as-in-token', undefined],
    ['a JWT that would have told', { ...good, access_token: jwt({ sub: 'orders' }) }, 'as-in-token', []],
    ['a JWT that tells it as roles', { ...good, access_token: jwt({ roles: ['a'] }) }, 'as-in-token', undefined],
    ['a JWT of a server that grants what is requested', { ...good, access_token: jwt({}) }, 'as-requested', undefined],
    ['a server that means none by saying nothing', good, 'none', []],
    ['null, which says nothing', { ...good, scope: null }, 'none', []],
  ] as const)('takes the granted scopes from %s', (_name, body, absentScope, scope) => {
    expect(read(body, absentScope).scope).toEqual(scope);
  });

  it.each(['bearer', 'BEARER', 'Bearer', 'JWT', 'BearerToken', '', undefined, null, 1])(
    'takes the token_type %j for Bearer',
    (token_type) => {
      expect(read({ ...good, token_type })).toMatchObject({ value: 'opaque' });
    },
  );

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
    ['a token of null', { ...good, access_token: null }],
    ['a token that needs a signature', { ...good, token_type: 'mac' }],
    ['a token that is bound to a key', { ...good, token_type: 'DPoP' }],
    ['the same in other letters', { ...good, token_type: ' dpop' }],
    ['a token that is no access token', { ...good, token_type: 'N_A' }],
  ])('refuses %s, without repeating it', (_name, body) => {
    const error = failureOf(() => read(body));
    expect(error).toBeInstanceOf(TokenEndpointError);
    expect(inspect(error, { depth: Infinity })).not.toContain('opaque');
  });
});
