import { describe, expect, it } from '@jest/globals';
import { readRetryAfter } from '../../../../../lib/client/tokens/endpoint/retry-after.js';

const now = Date.parse('2026-11-21T09:00:00Z');
const date = 'Sat, 21 Nov 2026 10:00:00 GMT';

describe('readRetryAfter', () => {
  it.each([
    ['30', 30],
    ['0', 0],
    ['9'.repeat(400), 2 ** 31],
    ['Sat, 21 Nov 2026 10:01:30 GMT', 90],
    ['Saturday, 21-Nov-26 10:01:30 GMT', 90],
    ['Sat Nov 21 10:01:30 2026', 90],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 2 ** 31],
    ['Sat, 77 Nov 2026 10:01:30 GMT', undefined],
    ['2026-11-21T10:01:30Z', undefined],
    ['-1', undefined],
    ['1e9', undefined],
    ['1.5', undefined],
    ['30, 60', undefined],
    ['', undefined],
  ])('reads %j as %s seconds', (value, seconds) => {
    expect(readRetryAfter({ date, 'retry-after': value }, now)).toBe(seconds);
    expect(readRetryAfter({ date, 'x-retry-after': ` ${value} ` }, now)).toBe(seconds);
  });

  it('compares a date with the clock of this process if the server does not tell its own', () => {
    expect(readRetryAfter({ 'retry-after': date }, now)).toBe(3600);
    expect(readRetryAfter({ date: 'soon', 'retry-after': date }, now)).toBe(3600);
  });

  it('reads nothing from a response without the header', () => {
    expect(readRetryAfter({ date }, now)).toBeUndefined();
  });
});
