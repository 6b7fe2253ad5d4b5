import { describe, expect, it } from '@jest/globals';
import { problemWith } from '../../../lib/validation/remedy.js';

describe('problemWith', () => {
  it.each<[unknown, string]>([
    ['read', "scope: 'read'"],
    [['a', 'b'], "scope: ['a', 'b']"],
    [[], 'scope: []'],
    [{ a: { b: 'c' } }, "scope: { a: { b: 'c' } }"],
    [5, 'scope: 5'],
    [undefined, 'no scope'],
  ])('writes the value %j as source code', (value, remedy) => {
    expect(problemWith('client.scope', 'is wrong', [{ option: 'client.scope', value }])).toMatchObject({ remedy });
  });

  it('writes several lines as alternatives, with their notes, and keeps them as data', () => {
    const lines = [
      { option: 'client.scope', value: 'read' },
      { option: 'client.audience', value: 'shop', note: 'if it has a name' },
    ];
    const remedy = "scope: 'read'\nor audience: 'shop', if it has a name";
    expect(problemWith('client.scope', 'is wrong', lines)).toEqual({
      option: 'client.scope',
      problem: 'is wrong',
      remedy,
      lines,
    });
  });
});
