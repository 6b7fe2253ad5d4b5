import { describe, expect, it } from '@jest/globals';
import { checkClock } from '../../../../lib/cli/doctor/clock-check.js';

const NOW = Date.UTC(2026, 0, 1);

/** An answer at noon of this host. */
function answer(ahead: number, headers: Record<string, string> = {}) {
  const date = new Date(NOW + ahead).toUTCString();
  return {
    url: 'https://id.example.com',
    at: NOW,
    response: { status: 200, headers: { date, ...headers }, body: Buffer.of() },
  };
}

describe('checkClock', () => {
  it.each([0, 5_000, -5_000])('takes a difference of %d ms for none', (ahead) => {
    expect(checkClock([answer(ahead)]).result).toBe('ok');
  });

  it('tells by how much this host is behind or ahead', () => {
    expect(checkClock([answer(600_000)]).finding?.problem).toBe('this host is 10 min behind the authorization server');
    expect(checkClock([answer(-30_000)]).finding?.problem).toBe('this host is 30 s ahead of the authorization server');
  });

  it('believes an answer that is old by its own word, or one of several that is new', () => {
    expect(checkClock([answer(-600_000, { age: '600' })]).result).toBe('ok');
    expect(checkClock([answer(-600_000), answer(0)]).result).toBe('ok');
    expect(checkClock([answer(0), answer(-600_000)]).result).toBe('ok');
  });

  it('knows nothing without a Date', () => {
    expect(checkClock([]).result).toBe('unknown');
    expect(checkClock([answer(0, { date: 'noon' })]).result).toBe('unknown');
  });
});
