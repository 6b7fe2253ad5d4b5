import { describe, expect, it } from '@jest/globals';
import { textsOf } from '../../../../lib/resource-server/transports/request-texts.js';

describe('textsOf', () => {
  it('are of the credentials, and of URL and other headers, with what they encode', () => {
    const authorization = `Basic ${btoa('user:a long password')}`;
    const encoded = btoa('a session that is encoded');
    const headers = { one: '1', two: ['2', encoded], none: undefined, authorization };
    const { credentials, elsewhere } = textsOf({ url: '/url', headers, body: { a: 'body' } });
    expect(credentials.split('\n')).toEqual([authorization, 'user:a long password', 'user:a long password']);
    expect(elsewhere.split('\n')).toEqual(['/url', '1', '2', encoded, '', 'a session that is encoded']);
  });

  it('are of credentials in base64 as Node decodes it, which skips other characters', () => {
    const authorization = `Basic ${btoa('user:a long password').replaceAll(/.{9}/g, '$&!')}`;
    expect(textsOf({ headers: { authorization } }).credentials).toBe(`${authorization}\nuser:a long password`);
  });

  it('are none where the credentials are longer than any token', () => {
    const authorization = `Basic ${'x'.repeat(16 * 1024 + 2)}`;
    expect(() => textsOf({ headers: { authorization } })).toThrow('the credentials are too long');
    expect(textsOf({ headers: { authorization: authorization.slice(0, -1) } }).elsewhere).toBe('');
  });
});
