import { describe, expect, it } from '@jest/globals';
import { extraMembers } from '../../../../../lib/client/tokens/endpoint/extra-members.js';

const extraOf = (json: string) => extraMembers(JSON.parse(json) as object, 't0ken');

describe('extraMembers', () => {
  it('keeps what an answer says beside its token, frozen', () => {
    const extra = extraOf('{"access_token":"t0ken","token_type":"Bearer","instance_url":"https://eu1","a":{"b":[1]}}');
    expect(extra).toEqual({ instance_url: 'https://eu1', a: { b: [1] } });
    expect([extra, extra['a'], (extra['a'] as { b: unknown }).b].every(Object.isFrozen)).toBe(true);
  });

  it.each([
    [
      'other tokens',
      '{"refresh_token":"r","id_token":"i","refreshToken":"r","accessToken":"x","a":{"ID_TOKEN":"i"}}',
      { a: {} },
    ],
    ['what repeats the token', '{"header":"Bearer t0ken","list":["t0ken"]}', { list: [null] }],
    ['what is read elsewhere', '{"expires_in":5,"scope":"a","cnf":{}}', {}],
  ])('leaves out %s', (_name, json, expected) => {
    expect(extraOf(json)).toEqual(expected);
  });

  it('has no member that changes a prototype', () => {
    const extra = extraOf('{"__proto__":{"admin":true},"a":{"__proto__":{"admin":true}},"constructor":1}');
    expect(Object.keys(extra)).toEqual(['a', 'constructor']);
    expect((Object.assign({}, extra, extra['a']) as { admin?: boolean }).admin).toBeUndefined();
  });

  it('keeps nothing of what is too much', () => {
    expect(extraOf(JSON.stringify({ a: 'x'.repeat(9000) }))).toEqual({});
  });

  it('keeps nothing of what is nested too deeply', () => {
    expect(extraOf(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toEqual({});
  });
});
