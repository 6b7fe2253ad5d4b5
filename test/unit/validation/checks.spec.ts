import { afterEach, describe, expect, it } from '@jest/globals';
import { checkNames, checkObject, entriesOf, isObject, isText, memberOf } from '../../../lib/validation/checks.js';
import { problemsIn } from './problems-in.js';

describe('isObject', () => {
  it('takes objects, and neither arrays nor null', () => {
    expect([{}, Object.create(null), new Date()].map(isObject)).toEqual([true, true, true]);
    expect([[], null, undefined, 'x', () => 1].map(isObject)).toEqual([false, false, false, false, false]);
  });
});

describe('isText', () => {
  it('takes strings of more than white space', () => {
    expect(['a', ' a '].map(isText)).toEqual([true, true]);
    expect(['', ' \n', 5, null].map(isText)).toEqual([false, false, false, false]);
  });
});

describe('memberOf', () => {
  afterEach(() => {
    Reflect.deleteProperty(Object.prototype, 'scope');
  });

  it('reads own members and those of a class, and nothing that was added to all objects', () => {
    class Request {
      get scope() {
        return 'of the class';
      }
    }
    expect(memberOf(new Request(), 'scope')).toBe('of the class');
    const everybody = Object.getPrototypeOf({}) as object;
    Object.defineProperty(everybody, 'scope', { value: 'polluted', configurable: true });
    expect(memberOf({ scope: 'own' }, 'scope')).toBe('own');
    const none: { scope?: string } = {};
    expect(memberOf(none, 'scope')).toBeUndefined();
  });
});

describe('checkObject', () => {
  it('adds a problem for what is no object', () => {
    expect(problemsIn((problems) => checkObject(problems, 'client', {}, 'client: {}'))).toEqual([]);
    expect(problemsIn((problems) => checkObject(problems, 'client', [], 'client: {}'))).toEqual([
      { option: 'client', problem: 'is an empty array', remedy: 'client: {}' },
    ]);
  });
});

describe('entriesOf', () => {
  it('gives the members of an object', () => {
    expect(problemsIn((problems) => expect(entriesOf(problems, 'a', { b: 1 }, 'b: 1')).toEqual([['b', 1]]))).toEqual(
      [],
    );
    expect(problemsIn((problems) => expect(entriesOf(problems, 'a', undefined, 'b: 1')).toEqual([]))).toEqual([]);
  });

  it('adds a problem for what is no object', () => {
    const list = ['b'] as unknown as Record<string, string>;
    expect(problemsIn((problems) => entriesOf(problems, 'client.a', list, 'b: 1'))).toEqual([
      { option: 'client.a', problem: 'is an array', remedy: 'a: { b: 1 }' },
    ]);
  });
});

describe('checkNames', () => {
  it('says which option a misspelt one means, or which there are', () => {
    const given = { scope: 'a', scopes: 'b', realm: 'c' };
    expect(problemsIn((problems) => checkNames(problems, 'client', given, ['scope', 'audience']))).toEqual([
      { option: 'client.scopes', problem: 'is not an option', remedy: 'scope: ...' },
      { option: 'client.realm', problem: 'is not an option', remedy: 'one of scope, audience' },
    ]);
  });
});
