import { expect, it } from '@jest/globals';
import { classOf } from '../../../lib/errors/class-of.js';

const fail = (): never => {
  throw new Error('s3cret');
};

class MetadataError extends Error {}

it.each<[string, unknown, string]>([
  ['an error', new RangeError('s3cret'), 'RangeError'],
  ['an error of a class of its own', new MetadataError('s3cret'), 'MetadataError'],
  ['an error with a name of its own', Object.assign(new Error('m'), { name: 's3cret' }), 'Error'],
  [
    'an error with a constructor of its own',
    Object.assign(new Error('m'), { constructor: { name: 's3cret' } }),
    'Error',
  ],
  ['an error whose constructor throws', Object.defineProperty(new Error('m'), 'constructor', { get: fail }), 'Error'],
  ['an error without a prototype', Object.setPrototypeOf(new Error('s3cret'), null), 'Error'],
  ['an error of a class without a name', new (class extends Error {})('s3cret'), 'Error'],
  [
    'an error of a class with another name',
    new (class extends Error {
      static override readonly name = 7 as never;
    })(),
    'Error',
  ],
  ['a proxy that throws', new Proxy(new Error('m'), { get: fail, getPrototypeOf: fail }), 'Error'],
  ['an object', { name: 's3cret' }, 'object'],
  ['null', null, 'object'],
  ['a text', 's3cret', 'string'],
])('classOf() tells the class of %s, and nothing else of it (claim 6.4)', (_name, thrown, shown) => {
  expect(classOf(thrown)).toBe(shown);
});

it('classOf() cuts a long name', () => {
  const name = 'E'.repeat(101);
  const { [name]: Long } = { [name]: class extends Error {} };
  expect(classOf(new (Long ?? Error)())).toBe(`${'E'.repeat(100)}...`);
});
