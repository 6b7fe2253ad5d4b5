import { expect, it } from '@jest/globals';
import { keptSubscriberFailed, quoted, quotedList } from '../../../lib/events/log-text.js';

it('quoted() writes a value in quotation marks and ASCII, and cuts it', () => {
  expect(quoted('a"b\r\n\u{1f600}')).toBe('"a\\"b\\r\\n\\ud83d\\ude00"');
  expect(quoted('a'.repeat(501))).toBe(`"${'a'.repeat(500)}..."`);
});

it('quotedList() writes the first ten values, and counts the others', () => {
  expect(quotedList([])).toBe('[]');
  expect(quotedList(['a b', 'c"'])).toBe('["a b", "c\\""]');
  expect(quotedList(Array.from({ length: 12 }, () => 'a'))).toBe(`[${'"a", '.repeat(9)}"a", and 2 more]`);
});

it('keptSubscriberFailed() shows the class alone: a message may repeat the token (claim 2.1)', () => {
  const token = 'eyJhbGciOiJSUzI1NiJ9';
  const error = new Headers().append.bind(new Headers(), 'authorization', `Bearer ${token}\n0`);
  expect(error).toThrow(token);
  const line = 'A subscriber of changes$ threw "TypeError"; the next time is not logged';
  expect(keptSubscriberFailed(new TypeError(token))).toBe(line);
  expect(keptSubscriberFailed(token)).toContain('threw "string"');
});
