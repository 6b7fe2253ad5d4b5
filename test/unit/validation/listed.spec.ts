import { expect, it } from '@jest/globals';
import { listed } from '../../../lib/validation/listed.js';

it('listed shows five names, and counts the others', () => {
  expect(listed([])).toBe('');
  expect(listed(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c, d, e');
  expect(listed(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe('a, b, c, d, e and 2 more');
});
