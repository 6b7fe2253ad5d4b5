import { describe, expect, it } from '@jest/globals';
import { decodeValue, encodeValue, remaining } from '../../../lib/redis/stored-value.js';

const stored = { value: 'eyJ0b2tlbg', storedAt: 1000, expiresAt: 61_000 };

describe('a stored value', () => {
  it('can be read back', () => {
    expect(decodeValue(encodeValue(stored))).toEqual(stored);
  });

  it.each([
    ['no JSON', 'garbage'],
    ['no array', '{"value":"x"}'],
    ['null', 'null'],
    ['another version', '["2",1,2,"x"]'],
    ['no value', '["1",1,2]'],
    ['no expiry', '["1",1,null,"x"]'],
    ['no time of storing', '["1","1",2,"x"]'],
    ['an endless one', '["1",1,1e999,"x"]'],
  ])('is not %s', (_name, text) => {
    expect(() => decodeValue(text)).toThrow('holds something else than a token');
  });

  it.each([
    [1000, 60_000],
    [31_000, 30_000],
    [61_000, 0],
    [99_000, -38_000],
  ])('at %d ms has %d ms left', (now, left) => {
    expect(remaining(stored, now)).toBe(left);
  });

  it('does not live longer because a clock was set back', () => {
    expect(remaining(stored, -500_000)).toBe(60_000);
  });
});
