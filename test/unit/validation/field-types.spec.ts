import { describe, expect, it } from '@jest/globals';
import type { Field } from '../../../lib/validation/fields.js';
import { duration, field, list, method, oneOf, text, texts, wholeNumber } from '../../../lib/validation/field-types.js';
import { Problems } from '../../../lib/validation/problems.js';
import { problemsIn } from './problems-in.js';

const isYes = (value: unknown): value is 'yes' => value === 'yes';
const isClass = (value: unknown): value is () => void => typeof value === 'function';

const read = <Value>(row: Field<Value>, value: unknown): Value => row.read(new Problems(), 'a.b', value);

describe('the types of fields', () => {
  it.each<[string, Field<unknown>, unknown, unknown]>([
    ['what the predicate accepts', field({ accepts: isYes, example: '' }), 'yes', 'yes'],
    ['what it is resolved to', field({ accepts: isYes, example: '', resolve: () => true }), 'yes', true],
    ['a text', text('x'), 'abc', 'abc'],
    ['a word', oneOf(['on', 'off'], 'off'), 'on', 'on'],
    ['the least number', wholeNumber({ least: 1, default: 5 }), 1, 1],
    ['the greatest number', wholeNumber({ most: 9, default: 5 }), 9, 9],
    ['zero milliseconds', duration({ default: 5000 }), 0, 0],
    ['a second', duration({ default: 5000 }), 1000, 1000],
    ['a list of texts', texts('x'), ['a', 'b'], ['a', 'b']],
    ['an empty list', texts('x', true), [], []],
  ])('take %s', (_, row, value, resolved) => {
    expect(problemsIn((problems) => row.read(problems, 'a.b', value))).toEqual([]);
    expect(read(row, value)).toEqual(resolved);
  });

  it.each<[string, Field<unknown>, unknown, string, string]>([
    ['what the predicate refuses', field({ accepts: isYes, example: "'yes'" }), 5, 'is 5', "b: 'yes'"],
    ['an empty text', text('x'), '', 'is an empty string', "b: 'x'"],
    ['white space', text('x'), ' ', 'is a string', "b: 'x'"],
    ['a text as a function', method('() => 1'), 'x', 'is a string, not a function', 'b: () => 1'],
    [
      'another word',
      oneOf(['on', 'off'], 'off'),
      'secret',
      'is a string, not one of its words',
      "b: 'on'\nor b: 'off'",
    ],
    ['a misspelt word', oneOf(['on', 'off'], 'off'), 'no', "is 'no', not one of its words", "b: 'on'\nor b: 'off'"],
    [
      'a misspelt word',
      oneOf(['machine', 'any'], 'any'),
      'Machines',
      "is 'Machines', not one of its words",
      "b: 'machine'\nor b: 'any'",
    ],
    [
      'a longer text with a word in it, which may be a secret',
      oneOf(['machine', 'any'], 'any'),
      'anybodysecret',
      'is a string, not one of its words',
      "b: 'machine'\nor b: 'any'",
    ],
    ['null for a word', oneOf(['on'], 'on'), null, 'is null, not one of its words', "b: 'on'"],
    ['too small a number', wholeNumber({ least: 1, default: 5 }), 0, 'is 0, not a whole number of at least 1', 'b: 5'],
    ['too great a number', wholeNumber({ most: 9, default: 5 }), 10, 'is 10, not a whole number from 0 to 9', 'b: 5'],
    ['a fraction', wholeNumber({ example: 3 }), 1.5, 'is 1.5, not a whole number of at least 0', 'b: 3'],
    [
      'a number that is a text',
      wholeNumber({ example: 3 }),
      '1',
      'is a string, not a whole number of at least 0',
      'b: 3',
    ],
    [
      'seconds',
      duration({ default: 5000 }),
      30,
      'is 30, which is in milliseconds',
      'b: 30000, if 30 seconds are meant',
    ],
    ['an empty list', texts('x'), [], 'is an empty array, not a list of names', "b: ['x']"],
    ['a list with a number', texts('x'), ['a', 1], 'is an array whose [1] is 1, not a list of names', "b: ['x']"],
    [
      'a text as a list',
      list({ of: isClass, items: 'classes', example: 'A' }),
      'A',
      'is a string, not a list of classes',
      'b: [A]',
    ],
    ['a list that is missing', texts('x'), undefined, 'is missing', "b: ['x']"],
  ])('refuse %s', (_, row, value, problem, remedy) => {
    expect(problemsIn((problems) => row.read(problems, 'a.b', value))).toMatchObject([
      { option: 'a.b', problem, remedy },
    ]);
  });

  it('resolve a list to a frozen copy', () => {
    const given = ['a'];
    const resolved = read(texts('x'), given);
    given.push('b');
    expect(resolved).toEqual(['a']);
    expect(Object.isFrozen(resolved)).toBe(true);
  });
});
