import { expect, it, describe } from '@jest/globals';
import {
  inTime,
  readCredential as read,
  textOption,
  type CredentialOption,
} from '../../../lib/client-authentication/credential-option.js';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { TestClock } from '../../../lib/testing/test-clock.js';

const optionOf = (call: () => unknown): CredentialOption =>
  textOption('clientSecret', { option: 'client.clientSecret', remedy: 'clientSecret: () => secret' }, call);
const readCredential = <T>(option: CredentialOption<T>): Promise<T> => read(option, new TestClock());
const throwing = (error: unknown) => () => {
  throw error;
};

describe('readCredential', () => {
  it.each<[string, () => unknown]>([
    ['returns', () => 'text'],
    ['promises', () => Promise.resolve('text')],
  ])('gives the text that the function %s', async (_name, call) => {
    expect(await readCredential(optionOf(call))).toBe('text');
  });

  it.each<[string, unknown, string]>([
    ['an error', new TypeError('s3cret'), 'TypeError'],
    ['an error with a code', Object.assign(new Error('s3cret'), { code: 'ENOENT' }), 'Error ENOENT'],
    ['an error with a name of its own', Object.assign(new TypeError('m'), { name: 's3cret' }), 'TypeError'],
    ['an error with a code that is none of Node', Object.assign(new Error('m'), { code: 's3cret' }), 'Error'],
    [
      'an error whose code cannot be read',
      Object.defineProperty(new Error('m'), 'code', { get: throwing(new Error('s3cret')) }),
      'Error',
    ],
    ['null', null, 'object'],
    ['an error with a code that is no text', Object.assign(new Error('s3cret'), { code: { s3cret: 1 } }), 'Error'],
    ['an error with a path that is no file system error', Object.assign(new Error('m'), { path: 's3cret' }), 'Error'],
    [
      'an error of a connection',
      Object.assign(new Error('s3cret'), { code: 'ENOENT', errno: -2, syscall: 'connect', path: '/s3cret' }),
      'Error ENOENT',
    ],
    ['a text', 's3cret', 'string'],
  ])('shows only class and code if the function throws %s (claim 6.4)', async (_name, thrown, shown) => {
    const error: unknown = await readCredential(optionOf(throwing(thrown))).catch((reason: unknown) => reason);
    const message = `the clientSecret function failed with ${shown}`;
    expect(error).toMatchObject({ code: 'ERR_M2M_TOKEN_ENDPOINT', message, cause: { failure: 'network' } });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
  });

  it('shows the path of a file that cannot be read', async () => {
    const path = join(tmpdir(), 'm2m-no-such-file');
    const message = `the clientSecret function failed with Error ENOENT: ${path}`;
    await expect(readCredential(optionOf(() => readFile(path, 'utf8')))).rejects.toMatchObject({ message });
    await expect(readCredential(optionOf(() => readFileSync(path, 'utf8')))).rejects.toMatchObject({ message });
  });

  it('passes on a configuration error of the function', async () => {
    const error = new M2MConfigurationError([{ option: 'x', problem: 'is missing', remedy: 'x: 1' }]);
    await expect(readCredential(optionOf(throwing(error)))).rejects.toBe(error);
  });

  it.each<[string, unknown]>([
    ['an empty string', ''],
    ['null', null],
    ['undefined', undefined],
    ['number', 7],
    ['object', Buffer.from('s3cret')],
  ])('refuses %s', async (seen, returned) => {
    const error: unknown = await readCredential(optionOf(() => returned)).catch((reason: unknown) => reason);
    const problem = `is a function that returned ${seen}`;
    const remedy = 'clientSecret: () => secret';
    expect(error).toMatchObject({ problems: [{ option: 'client.clientSecret', problem, remedy }] });
  });
});

/** One of two that are the same. */
const parse = (value: unknown): string => {
  const [first, second] = value as [string, string];
  if (first === second) return first;
  throw new M2MConfigurationError([{ option: 'x', problem: 'does not fit', remedy: 'x: 1' }]);
};

/** An option whose parts are as they are at each reading; two fit if they are the same. */
function partsOf(hasParts: boolean, ...readings: [string, string][]) {
  let count = 0;
  const next = () => Promise.resolve(readings[Math.min(count++, readings.length - 1)]);
  const option = { name: 'pair', hasParts, read: next, parse, fingerprint: String };
  return { option, count: () => count };
}

describe('readCredential of several parts', () => {
  it('reads parts once more that were read while they were replaced', async () => {
    const { option, count } = partsOf(true, ['old', 'new'], ['new', 'new']);
    expect([await readCredential(option), count()]).toEqual(['new', 2]);
  });

  it('reads parts twice at most', async () => {
    const { option, count } = partsOf(true, ['old', 'new']);
    await expect(readCredential(option)).rejects.toThrow('does not fit');
    expect(count()).toBe(2);
  });

  it('reads what one function returns once', async () => {
    const { option, count } = partsOf(false, ['old', 'new'], ['new', 'new']);
    await expect(readCredential(option)).rejects.toThrow('does not fit');
    expect(count()).toBe(1);
  });
});

describe('inTime', () => {
  it('gives the credential', async () => {
    expect(await inTime(Promise.resolve('text'), optionOf(String), 100, new TestClock())).toBe('text');
  });

  it('throws if the credential takes longer than the timeout', async () => {
    const clock = new TestClock();
    const waiting = inTime(new Promise(() => undefined), optionOf(String), 99.5, clock);
    const [result] = await Promise.allSettled([waiting, clock.advance(100)]);
    const message = 'the clientSecret function did not answer in 100 ms';
    expect(result).toMatchObject({ reason: { message, cause: { failure: 'timeout' } } });
  });
});
