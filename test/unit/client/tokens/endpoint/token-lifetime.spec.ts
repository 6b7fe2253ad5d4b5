import { describe, expect, it } from '@jest/globals';
import { ageOf, clockSkew, sentAt, tokenLifetime } from '../../../../../lib/client/tokens/endpoint/token-lifetime.js';

const YEAR = 365 * 24 * 60 * 60 * 1000;
const UNSTATED = 300_000;
const lifetime = (
  expiresIn: unknown,
  claims?: Record<string, unknown>,
  sent?: number,
  age = 0,
  receivedAt = sent ?? 0,
) => tokenLifetime({ expiresIn, claims, sentAt: sent, age, receivedAt }, UNSTATED);

describe('tokenLifetime', () => {
  it.each<[string, unknown, number]>([
    ['a number', 60, 60_000],
    ['a fraction', 0.5, 500],
    ['a text', '3600', 3_600_000],
    ['zero', 0, 0],
    ['zero as a text', '0', 0],
    ['less than zero', -5, 0],
    ['more than a year', 1e15, YEAR],
    ['infinity, as JSON.parse reads 1e999', Infinity, YEAR],
    ['null', null, UNSTATED],
    ['a word', 'soon', UNSTATED],
    ['a text that begins like a number', '60 s', UNSTATED],
    ['an empty text', '', UNSTATED],
    ['an object', {}, UNSTATED],
  ])('reads an expires_in that is %s', (_name, expiresIn, expected) => {
    expect(lifetime(expiresIn)).toBe(expected);
  });

  it.each<[string, Record<string, unknown>, number | undefined, number]>([
    ['from its issue', { iat: 1000, exp: 1120 }, undefined, 120_000],
    ['from the date of the answer', { exp: 1120 }, 1_100_000, 20_000],
    ['from the date of an answer that holds an old token', { iat: 1000, exp: 1120 }, 1_116_000, 4000],
    ['from its issue if the date of the answer is earlier', { iat: 1000, exp: 1120 }, 900_000, 120_000],
    ['as over if it has expired', { iat: 1000, exp: 1120 }, 2_000_000, 0],
    ['not at all without any other time', { exp: 1120 }, undefined, UNSTATED],
    ['not at all if it ends before it begins', { iat: 2, exp: 1 }, 1000, UNSTATED],
    ['not at all if it ends as it begins', { iat: 1, exp: 1 }, 1000, UNSTATED],
    ['not at all if its end is no number', { iat: 1, exp: '5' }, 1000, UNSTATED],
    ['not at all without an end', { iat: 1 }, 1000, UNSTATED],
  ])('counts the life of a JWT %s', (_name, claims, sent, expected) => {
    expect(lifetime(undefined, claims, sent)).toBe(expected);
  });

  it.each([
    ['its issue', 1_000_000, 120_000],
    ['the clock of this process', 1_090_000, 30_000],
    ['the clock of this process, as over', 1_130_000, 0],
  ])('counts the life of a JWT from %s if the answer is dated a day ahead', (_name, receivedAt, expected) => {
    expect(lifetime(3600, { iat: 1000, exp: 1120 }, 86_400_000 + receivedAt, 0, receivedAt)).toBe(expected);
  });

  it.each([
    [3600, 10_000],
    [3000, 0],
    [undefined, UNSTATED],
  ])('counts an expires_in of %s from the time at which a cache got the answer', (expiresIn, expected) => {
    expect(lifetime(expiresIn, undefined, undefined, 3_590_000)).toBe(expected);
  });

  it.each([
    ['of the JWT', 3600, 4000],
    ['of expires_in', 2, 2000],
  ])('takes the earlier end: that %s', (_name, expiresIn, expected) => {
    expect(lifetime(expiresIn, { iat: 1000, exp: 1120 }, 1_116_000)).toBe(expected);
  });
});

describe('ageOf', () => {
  it.each<[string, Record<string, string>, number]>([
    ['the age of an answer out of a cache', { age: ' 30 ' }, 30_000],
    ['0 without one', {}, 0],
    ['0 by one that is no number', { age: 'old' }, 0],
    ['0 by one below zero', { age: '-30' }, 0],
    ['a year at most', { age: '9'.repeat(400) }, YEAR],
  ])('is %s', (_name, headers, expected) => {
    expect(ageOf(headers)).toBe(expected);
  });
});

describe('sentAt', () => {
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
  it.each<[string, Record<string, string>, number | undefined]>([
    ['the date', { date }, Date.parse(date)],
    ['the date and the age of an answer out of a cache', { date, age: '30' }, Date.parse(date) + 30_000],
    ['the date, beside an age that is no number', { date, age: 'old' }, Date.parse(date)],
    ['nothing without a date', { age: '30' }, undefined],
    ['nothing by a date that is none', { date: 'yesterday' }, undefined],
  ])('is %s', (_name, headers, expected) => {
    expect(sentAt(headers)).toBe(expected);
  });
});

describe('clockSkew', () => {
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT';

  it('is what the clock of the server is ahead, by the middle of the second that it says', () => {
    expect(clockSkew({ date }, Date.parse(date))).toBe(500);
    expect(clockSkew({ date }, Date.parse(date) + 60_500)).toBe(-60_000);
  });

  it('is not known without a date', () => {
    expect(clockSkew({}, 0)).toBeUndefined();
  });
});
