import { describe, expect, it } from '@jest/globals';
import { readRetryAfter } from '../../../lib/http/retry-after.js';

const now = Date.parse('2026-11-21T09:00:00Z');
const date = 'Sat, 21 Nov 2026 10:00:00 GMT';
const read = (headers: Record<string, string>, status = 503) => readRetryAfter({ status, headers }, now);

describe('readRetryAfter', () => {
  it.each([
    ['30', 30],
    ['0', 0],
    ['9'.repeat(400), 3600],
    ['3601', 3600],
    ['Sat, 21 Nov 2026 10:01:30 GMT', 90],
    ['Saturday, 21-Nov-26 10:01:30 GMT', 90],
    ['Sat Nov 21 10:01:30 2026', 90],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 3600],
    ['Sat, 77 Nov 2026 10:01:30 GMT', undefined],
    ['2026-11-21T10:01:30Z', undefined],
    ['-1', undefined],
    ['1e9', undefined],
    ['1.5', 2],
    ['30, 60', undefined],
    ['', undefined],
  ])('reads %j as %s seconds', (value, seconds) => {
    expect(read({ date, 'retry-after': value })).toBe(seconds);
    expect(read({ date, 'x-retry-after': ` ${value} ` })).toBe(seconds);
  });

  it('compares a date with the clock of this process if the server does not tell its own', () => {
    expect(read({ 'retry-after': date })).toBe(3600);
    expect(read({ date: 'soon', 'retry-after': date })).toBe(3600);
  });

  it.each([
    ['ratelimit-reset', '42', 42],
    ['x-ratelimit-reset', String((now + 90_000) / 1000), 90],
    ['x-rate-limit-reset', String(now + 90_000), 90],
    ['x-rate-limit-reset', '1000000001', 0],
    ['x-ratelimit-reset-after', '1.5', 2],
    ['x-rate-limit-reset-after', '7200', 3600],
    ['ratelimit', '"default";r=0;t=30', 30],
    ['ratelimit', 'limit=10, remaining=0, reset=30', 30],
    ['ratelimit', '"default";r=0', undefined],
    ['x-ratelimit-reset', 'soon', undefined],
  ])('reads %s: %s of a 429 as %s seconds, and of no other status', (name, value, seconds) => {
    expect(read({ [name]: value }, 429)).toBe(seconds);
    expect(read({ [name]: value }, 503)).toBeUndefined();
  });

  it('reads a time since the epoch by the clock of the server', () => {
    const reset = String((Date.parse(date) + 5000) / 1000);
    expect(read({ date, 'x-ratelimit-reset': reset }, 429)).toBe(5);
  });

  it('prefers Retry-After to the end of a rate limit', () => {
    expect(read({ 'retry-after': '3', 'x-ratelimit-reset': '60' }, 429)).toBe(3);
  });

  it('reads nothing from a response without the header', () => {
    expect(read({ date })).toBeUndefined();
  });
});
