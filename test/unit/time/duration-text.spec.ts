import { expect, it } from '@jest/globals';
import { durationText } from '../../../lib/time/duration-text.js';

it.each([
  [0, '0 s'],
  [6_400, '6 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [3 * 3_600_000 + 5, '3 h'],
  [2 * 86_400_000, '2 d'],
])('durationText(%j) is %j', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});
