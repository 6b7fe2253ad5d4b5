import { describe, expect, it } from '@jest/globals';
import { textsOf } from '../../../../lib/resource-server/transports/request-texts.js';

describe('textsOf', () => {
  it('are of the credentials with what they encode, and of URL and other headers', () => {
    const authorization = `Basic ${btoa('user:a long password')}`;
    const headers = { one: '1', two: ['2', '3'], none: undefined, authorization };
    const { credentials, elsewhere } = textsOf({ url: '/url', headers, body: { a: 'body' } });
    expect(credentials.split('\n')).toEqual([authorization, 'user:a long password']);
    expect(elsewhere.split('\n')).toEqual(['/url', '1', '2', '3', '']);
  });

  it('are none where the credentials are longer than any token', () => {
    const authorization = `Basic ${'x'.repeat(16 * 1024 + 2)}`;
    expect(() => textsOf({ headers: { authorization } })).toThrow('the credentials are too long');
    expect(textsOf({ headers: { authorization: authorization.slice(0, -1) } }).elsewhere).toBe('');
  });
});
