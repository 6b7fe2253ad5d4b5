import { expect, it } from '@jest/globals';
import { BoundedMap } from '../../../../../lib/client/tokens/token/bounded-map.js';

it('lets the oldest entry leave that was not used of late', () => {
  const map = new BoundedMap<number>(3);
  ['a', 'b', 'c'].forEach((key, index) => map.set(key, index));
  map.get('a');
  map.set('d', 3);
  expect(['a', 'b', 'c', 'd'].map((key) => map.get(key))).toEqual([0, undefined, 2, 3]);
});

it('makes room if all were used', () => {
  const map = new BoundedMap<number>(2);
  ['a', 'b'].forEach((key, index) => map.set(key, index));
  map.get('a');
  map.get('b');
  map.set('c', 2);
  expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([undefined, 1, 2]);
});

it('replaces an entry without letting another leave', () => {
  const map = new BoundedMap<number>(2);
  ['a', 'b'].forEach((key, index) => map.set(key, index));
  map.set('b', 7);
  expect([map.get('a'), map.get('b')]).toEqual([0, 7]);
});

it('stays within its limit whatever comes', () => {
  const map = new BoundedMap<number>(1000);
  for (let i = 0; i < 100_000; i++) {
    map.set(`k${i}`, i);
    map.get(`k${i % 7}`);
  }
  const left = Array.from({ length: 100_000 }, (_, i) => map.get(`k${i}`)).filter((value) => value !== undefined);
  expect([left.length, map.get('k6')]).toEqual([1000, 6]);
});
