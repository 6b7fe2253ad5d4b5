import { expect, it } from '@jest/globals';
import { getOrInsert } from '../../../lib/collections/get-or-insert.js';

it('getOrInsert makes a value once, and gives the same one from then on', () => {
  const map = new Map<string | undefined, object>();
  const made = getOrInsert(map, undefined, () => ({}));
  expect(getOrInsert(map, undefined, () => ({}))).toBe(made);
  expect(getOrInsert(map, 'other', () => ({}))).not.toBe(made);
  expect([...map.keys()]).toEqual([undefined, 'other']);
});
