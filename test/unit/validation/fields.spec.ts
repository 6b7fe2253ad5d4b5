import { describe, expect, it } from '@jest/globals';
import { wholeNumber, text } from '../../../lib/validation/field-types.js';
import { custom, pick, readFields, required, resolveFields, section } from '../../../lib/validation/fields.js';
import { Problems } from '../../../lib/validation/problems.js';
import { problemsIn } from './problems-in.js';

const retry = section({ attempts: wholeNumber({ least: 1, default: 3 }), delay: wholeNumber({ example: 200 }) });
const fields = { id: required(text('orders')), audience: text('https://api'), retry };

describe('resolveFields', () => {
  it('gives every option as an own field of a frozen record', () => {
    const values = resolveFields(new Problems(), '', { id: 'orders' }, fields);
    expect(values).toStrictEqual({ id: 'orders', audience: undefined, retry: { attempts: 3, delay: undefined } });
    expect(Object.keys(values)).toEqual(['id', 'audience', 'retry']);
    expect([values, values.retry].every(Object.isFrozen)).toBe(true);
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
  });

  it('takes an option that is undefined for one that is left out', () => {
    const given = { id: 'orders', audience: undefined, retry: undefined };
    expect(resolveFields(new Problems(), '', given, fields).retry.attempts).toBe(3);
  });

  it('adds a problem for a required option that is missing', () => {
    expect(problemsIn((problems) => resolveFields(problems, 'client', {}, fields))).toMatchObject([
      { option: 'client.id', problem: 'is missing', remedy: "id: 'orders'" },
    ]);
  });

  it('adds a problem for each option that does not exist, in sections too', () => {
    const given = { id: 'orders', audiences: 'a', retry: { attempt: 1 } };
    expect(problemsIn((problems) => resolveFields(problems, '', given, fields))).toEqual([
      { option: 'audiences', problem: 'is not an option', remedy: 'audience: ...' },
      { option: 'retry.attempt', problem: 'is not an option', remedy: 'attempts: ...' },
    ]);
  });
});

describe('readFields', () => {
  it('lets an object have other members', () => {
    expect(problemsIn((problems) => readFields(problems, '', { id: 'orders', other: 1 }, fields))).toEqual([]);
  });
});

describe('section', () => {
  it.each([null, 'x', 5, true, []])('refuses %j', (value) => {
    const given = { id: 'orders', retry: value };
    expect(problemsIn((problems) => resolveFields(problems, 'client', given, fields))).toMatchObject([
      { option: 'client.retry', remedy: 'retry: { attempts: ... }' },
    ]);
  });
});

describe('pick', () => {
  it('keeps the fields of a smaller table alone', () => {
    const values = resolveFields(new Problems(), '', { id: 'orders' }, fields);
    expect(pick(values, { id: fields.id })).toStrictEqual({ id: 'orders' });
  });
});

describe('custom', () => {
  it('does not ask the check about an option that is left out', () => {
    const never = custom<number>(() => {
      throw new Error('asked');
    }, 7);
    expect(readFields(new Problems(), '', {}, { never })).toEqual({ never: 7 });
  });
});
