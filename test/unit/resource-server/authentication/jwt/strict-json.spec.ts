import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseStrictObject } from '../../../../../lib/resource-server/authentication/jwt/strict-json.js';

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('parseStrictObject', () => {
  it.each([
    '{}',
    '{"a":1}',
    ' {"a" : ":" , "b":{"a":[{"a":"\\""},{"a":"\\\\"}]}} ',
    '{"a":"\\\\\\":\\"","b":["::",{}]}',
    '{"hasOwnProperty":1,"constructor":{"prototype":2}}',
    nested(16),
  ])('reads %s', (text) => {
    expect(parseStrictObject(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"a":1'],
    ['more than JSON', '{"a":1}{"b":2}'],
    ['a byte order mark', '\ufeff{"a":1}'],
    ['null', 'null'],
    ['an array', '[{"a":1}]'],
    ['a string', '"a:1"'],
    ['a number', '1'],
    ['a duplicate member', '{"a":1,"a":1}'],
    ['a duplicate member that is escaped', '{"alg":1,"\\u0061lg":2}'],
    ['a duplicate member further down', '{"a":[{"b":{"c":1,"d":2,"c":3}}]}'],
    ['a duplicate member whose value holds colons', '{"a":":::","a":{}}'],
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['__proto__ further down', '{"a":{"__proto__":1}}'],
    ['deep objects', nested(17)],
    ['deep arrays', `{"a":${'['.repeat(16)}${']'.repeat(16)}}`],
    ['very deep arrays', `{"a":${'['.repeat(8000)}${']'.repeat(8000)}}`],
  ])('refuses %s', (_what, text) => {
    expect(parseStrictObject(text)).toBeUndefined();
  });

  const objects = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 8 }));

  it('reads every object that JSON.stringify writes', () => {
    fc.assert(
      fc.property(objects, fc.constantFrom(undefined, 1, '\t'), (object, indent) => {
        fc.pre(!JSON.stringify(object).includes('__proto__'));
        const text = JSON.stringify(object, undefined, indent);
        expect(parseStrictObject(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses every object in which a member is written twice', () => {
    fc.assert(
      fc.property(objects, fc.string(), fc.jsonValue(), fc.jsonValue(), (object, name, first, second) => {
        const member = (value: unknown): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`;
        const rest = Object.entries(object).map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`);
        expect(parseStrictObject(`{${member(first)}${rest.join('')},${member(second)}}`)).toBeUndefined();
      }),
    );
  });
});
