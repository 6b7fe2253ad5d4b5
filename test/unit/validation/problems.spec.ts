import { describe, expect, it } from '@jest/globals';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { describeValue, Problems } from '../../../lib/validation/problems.js';
import { problemsIn } from './problems-in.js';

const missing = { option: 'audience', problem: 'is missing', remedy: 'audience: ...', kind: 'missing' } as const;
const wrong = { option: 'scope', problem: 'is wrong', remedy: 'scope: ...' };

function fail(): never {
  throw new M2MConfigurationError([missing, wrong]);
}

function failOtherwise(): never {
  throw new TypeError('broken');
}

describe('Problems', () => {
  it('throws one error with everything that was added', () => {
    const problems = new Problems();
    problems.throwIfAny();
    problems.add('a', 'is missing', 'a: 1');
    problems.add('b', 'is null', 'b: 1');
    expect(problems.count).toBe(2);
    expect(() => problems.throwIfAny()).toThrow(/2 problems[^]*a is missing\n    write: a: 1\n  b is null/);
  });

  it('collects the problems of other code under a path', () => {
    expect(problemsIn((problems) => problems.collect('client', fail))).toEqual([
      { ...missing, option: 'client.audience' },
      { ...wrong, option: 'client.scope' },
    ]);
    expect(problemsIn((problems) => problems.collect('', fail, ({ kind }) => kind !== 'missing'))).toEqual([wrong]);
  });

  it('returns what the code returns', () => {
    expect(new Problems().collect('', () => 5)).toBe(5);
    expect(new Problems().collect('', fail)).toBeUndefined();
  });

  it('collects those of an error of another copy of the package, unless they are in another form', () => {
    const code = 'ERR_M2M_CONFIGURATION';
    const foreign = (problems: unknown) => () => {
      throw Object.assign(new Error('foreign'), { code, problems });
    };
    expect(problemsIn((problems) => problems.collect('client', foreign([wrong])))).toEqual([
      { ...wrong, option: 'client.scope' },
    ]);
    expect(() => new Problems().collect('', foreign('scope is wrong'))).toThrow('foreign');
    expect(() => new Problems().collect('', foreign(undefined))).toThrow('foreign');
  });

  it('lets other errors through', () => {
    expect(() => new Problems().collect('', failOtherwise)).toThrow(TypeError);
  });
});

describe('describeValue', () => {
  it.each([
    [undefined, 'is missing'],
    [null, 'is null'],
    ['', 'is an empty string'],
    ['top-secret', 'is a string'],
    [[], 'is an empty array'],
    [['top-secret'], 'is an array'],
    [{ secret: 'top-secret' }, 'is an object'],
    [5, 'is 5'],
    [false, 'is false'],
    [() => 'top-secret', 'is a function'],
  ])('says of %j: %s', (value, description) => {
    expect(describeValue(value)).toBe(description);
  });
});
