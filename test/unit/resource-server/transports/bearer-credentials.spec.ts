import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { InvalidTokenError } from '../../../../lib/errors/invalid-token.error.js';
import { hasNoCredentials, readBearerToken } from '../../../../lib/resource-server/transports/bearer-credentials.js';
import type { M2MHttpRequest } from '../../../../lib/resource-server/transports/m2m-request.js';

const LONGEST = 16 * 1024;

/** `token ` and the token, or why there is none. */
function read(request: Partial<M2MHttpRequest>): string {
  try {
    return `token ${readBearerToken({ headers: {}, ...request })}`;
  } catch (error) {
    if (error instanceof InvalidTokenError) return error.reason;
    throw error;
  }
}

const header = (authorization: string | string[] | undefined) => ({ headers: { authorization } });

describe('readBearerToken', () => {
  it.each([
    ['Bearer abc', 'token abc'],
    ['bearer abc', 'token abc'],
    ['BEARER abc', 'token abc'],
    ['Bearer   abc', 'token abc'],
    ['Bearer aA0-._~+/==', 'token aA0-._~+/=='],
    ['Bearer Bearer', 'token Bearer'],
    [undefined, 'absent'],
    ['Basic dTpw', 'absent'],
    ['Basic', 'absent'],
    ['DPoP abc', 'absent'],
    ['Bearerabc', 'absent'],
    ['Bearer-x abc', 'absent'],
    ['', 'request'],
    [' Bearer abc', 'request'],
    ['Bearer', 'request'],
    ['Bearer ', 'request'],
    ['Bearer\tabc', 'request'],
    ['Bearer abc ', 'request'],
    ['Bearer a b', 'request'],
    ['Bearer a,b', 'request'],
    ['Bearer "abc"', 'request'],
    ['Bearer =', 'request'],
    ['Bearer a=b', 'request'],
    ['Bearer abc\u00e9', 'request'],
    ['Bearer abc\n', 'request'],
    ['Bearer abc, Bearer abc', 'request'],
    ['B\u00e9arer abc', 'request'],
    [['Bearer abc'], 'request'],
    [`Bearer ${'a'.repeat(LONGEST)}`, `token ${'a'.repeat(LONGEST)}`],
    [`Bearer ${'a'.repeat(LONGEST + 1)}`, 'too-large'],
    [`Bearer ${' a'.repeat(LONGEST)}`, 'too-large'],
    [`Basic ${'a'.repeat(LONGEST + 1)}`, 'absent'],
  ])('reads %.40j', (authorization, expected) => {
    expect(read(header(authorization))).toBe(expected);
  });

  it.each([
    ['rawHeaders', (rawHeaders: string[]) => ({ rawHeaders })],
    ['raw.rawHeaders', (rawHeaders: string[]) => ({ raw: { rawHeaders } })],
  ])('counts the headers in %s', (_name, carrier) => {
    const once = [
      'Host',
      'authorization',
      'AUTHORIZATION',
      'Bearer abc',
      'X-Authorization',
      'Bearer abc',
      'If-None-Match',
      '',
    ];
    expect(read({ ...header('Bearer abc'), ...carrier(once) })).toBe('token abc');
    expect(read({ ...header('Bearer abc'), ...carrier([...once, 'Authorization', 'Bearer abc']) })).toBe('request');
    expect(read({ ...header('Basic abc'), ...carrier([...once, 'authorization', '']) })).toBe('request');
  });

  const form = 'application/x-www-form-urlencoded';
  it.each<[string, { url?: string; body?: unknown; type?: string }, string]>([
    ['in the query', { url: '/?access_token=x' }, 'request'],
    ['in the query, escaped', { url: '/?a=1&%61ccess_token' }, 'request'],
    ['in the form', { body: { access_token: 'x' }, type: form }, 'request'],
    [
      'in the form, with a charset',
      { body: { access_token: '' }, type: `${form.toUpperCase()}; charset=utf-8` },
      'request',
    ],
    ['in the form, as an object', { body: { access_token: { toString: 'x' } }, type: form }, 'request'],
    ['in the form, as a list', { body: { access_token: [{ toString: 'x' }, ['x']] }, type: form }, 'request'],
    ['in the path', { url: '/access_token' }, 'token abc'],
    ['in another parameter', { url: '/?next=access_token%3Dx&access_tokens=x&Access_Token=x' }, 'token abc'],
    ['in JSON', { body: { access_token: 'x' }, type: 'application/json' }, 'token abc'],
    ['in a body without a type', { body: { access_token: 'x' } }, 'token abc'],
    ['in no member of the form', { body: { token: 'x' }, type: form }, 'token abc'],
    ['in a text', { body: 'access_token=x', type: form }, 'token abc'],
    ['nowhere', { body: null, type: form, url: '/' }, 'token abc'],
  ])('looks for a second token %s', (_name, { type, ...request }, expected) => {
    const headers = { authorization: 'Bearer abc', ...(type && { 'content-type': type }) };
    expect(read({ ...request, headers })).toBe(expected);
  });

  it('takes a token from nowhere but the header', () => {
    const headers = { 'content-type': form, 'x-authorization': 'Bearer abc', cookie: 'access_token=abc' };
    expect(read({ headers, url: '/?access_token=abc', body: { access_token: 'abc' } })).toBe('absent');
  });

  it('reads every b64token, and gives back what was sent', () => {
    const b64token = fc.stringMatching(/^[A-Za-z0-9\-._~+/]{1,80}={0,3}$/);
    fc.assert(
      fc.property(b64token, (token) => {
        expect(read(header(`Bearer ${token}`))).toBe(`token ${token}`);
      }),
    );
  });

  it('reads nothing else', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `Bearer ${text}`),
    );
    fc.assert(
      fc.property(anything, (authorization) => {
        const result = read(header(authorization));
        const [, token] = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(authorization) ?? [];
        expect(token === undefined ? ['absent', 'request'] : [`token ${token}`]).toContain(result);
      }),
    );
  });
});

describe('hasNoCredentials', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  it.each<[string, Partial<M2MHttpRequest>]>([
    ['nothing', {}],
    ['other headers', { headers: { 'proxy-authorization': 'Bearer x', cookie: 'access_token=x', 'x-dpop': 'x' } }],
    ['a query', { url: '/prices?token=x&Access_Token=y&next=access_token' }],
    ['a form', { headers: form, body: { token: 'x' } }],
    ['JSON that names a token', { headers: { 'content-type': 'application/json' }, body: { access_token: 'x' } }],
  ])('is true with %s', (_name, request) => {
    expect(hasNoCredentials({ headers: {}, ...request })).toBe(true);
  });

  it.each<[string, Partial<M2MHttpRequest>]>([
    ['a token', { headers: { authorization: 'Bearer x' } }],
    ['another scheme', { headers: { authorization: 'Basic dTpw' } }],
    ['an empty Authorization header', { headers: { authorization: '' } }],
    ['a DPoP proof', { headers: { dpop: 'x' } }],
    ['an empty DPoP header', { headers: { dpop: '' } }],
    ['a token in the query', { url: '/prices?a=b&access_token=x' }],
    ['an empty token in the query', { url: '/prices?access_token' }],
    ['an escaped name in the query', { url: '/prices?access%5Ftoken=x' }],
    ['a token in a form', { headers: form, body: { access_token: 'x' } }],
  ])('is false with %s', (_name, request) => {
    expect(hasNoCredentials({ headers: {}, ...request })).toBe(false);
  });
});
