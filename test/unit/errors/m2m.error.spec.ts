import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { minify, transformFile } from '@swc/core';
import { BudgetExceededError } from '../../../lib/errors/budget-exceeded.error.js';
import { NoCallerTokenError } from '../../../lib/errors/no-caller-token.error.js';
import { CallerNotAllowedError } from '../../../lib/errors/caller-not-allowed.error.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { DiscoveryError } from '../../../lib/errors/discovery.error.js';
import { InsufficientScopeError } from '../../../lib/errors/insufficient-scope.error.js';
import { InvalidTokenError } from '../../../lib/errors/invalid-token.error.js';
import { isM2MError, M2MError } from '../../../lib/errors/m2m.error.js';
import { TokenEndpointError } from '../../../lib/errors/token-endpoint.error.js';
import { TokenRequestError } from '../../../lib/errors/token-request.error.js';
import { TokenStoreError } from '../../../lib/errors/token-store.error.js';
import { UntrustedTargetError } from '../../../lib/errors/untrusted-target.error.js';
import * as library from '../../../lib/index.js';

const refusal = { error: 'invalid_client', upstreamStatus: 401, retryAfter: 3, details: { trace_id: 't' } };

/** The code of a file of `lib/errors`, as a bundler puts it beside that of others. */
async function withoutModules(file: string): Promise<string> {
  const path = join(import.meta.dirname, '../../../lib/errors', `${file}.ts`);
  const { code } = await transformFile(path, { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } });
  return code.replaceAll(/^import .*$/gm, '').replaceAll(/\bexport (?=class|function)/g, '');
}

describe('M2MError', () => {
  it.each([
    ['a new line', 'a\nb'],
    ['a carriage return', 'a\rb'],
    ['an escape sequence', 'a\u001b[31mb'],
    ['a C1 control character', 'a\u009bb'],
    ['a line separator', 'a\u2028b'],
    ['a paragraph separator', 'a\u2029b'],
    ['a change of direction', 'a\u202eb'],
    ['an isolate', 'a\u2066b'],
    ['an invisible character', 'a\u200bb'],
    ['half a character', 'a\ud800b'],
  ])('shows %s as a question mark', (_name, text) => {
    expect(new DiscoveryError(text).message).toMatch(/^a\?(?:\[31m)?b$/);
    expect(new InvalidTokenError('claims', text).message).toMatch(/^a\?(?:\[31m)?b$/);
    const [, line] = new M2MConfigurationError({ option: text, problem: 'p', remedy: 'r' }).message.split('\n');
    expect(line).toMatch(/^ {2}a\?(?:\[31m)?b p$/);
  });

  it('shows letters of any language', () => {
    expect(new DiscoveryError('Zürich 東京').message).toBe('Zürich 東京');
  });

  it.each<[string, M2MError]>([
    ['ERR_M2M_CONFIGURATION', new M2MConfigurationError([])],
    ['ERR_M2M_TOKEN_REQUEST', new TokenRequestError('m', refusal)],
    ['ERR_M2M_TOKEN_ENDPOINT', new TokenEndpointError('m')],
    ['ERR_M2M_UNTRUSTED_TARGET', new UntrustedTargetError('m')],
    ['ERR_M2M_BUDGET_EXCEEDED', new BudgetExceededError('m')],
    ['ERR_M2M_NO_CALLER_TOKEN', new NoCallerTokenError('m')],
    ['ERR_M2M_DISCOVERY', new DiscoveryError('m')],
    ['ERR_M2M_TOKEN_STORE', new TokenStoreError('m')],
    ['ERR_M2M_INVALID_TOKEN', new InvalidTokenError('expired', 'm')],
    ['ERR_M2M_INSUFFICIENT_SCOPE', new InsufficientScopeError('m')],
    ['ERR_M2M_CALLER_NOT_ALLOWED', new CallerNotAllowedError('m')],
  ])('has the code %s in one class', (code, error) => {
    expect(error).toBeInstanceOf(M2MError);
    expect(isM2MError(error)).toBe(true);
    expect(error.code).toBe(code);
    expect(error.toString()).toMatch(new RegExp(`^${error.constructor.name}: `));
    expect(error.stack).toMatch(new RegExp(`^${error.constructor.name}: `));
  });

  it.each([
    undefined,
    null,
    'ERR_M2M_DISCOVERY',
    new Error('m'),
    Object.assign(new Error('m'), { code: 'ENOENT' }),
    { code: 'ERR_M2M_DISCOVERY' },
    Object.assign(new Error('m'), { code: { toString: () => 'ERR_M2M_DISCOVERY' } }),
    Object.assign(new Error('m'), { code: ['ERR_M2M_DISCOVERY'] }),
    new Proxy(new DiscoveryError('m'), {
      has: () => {
        throw new Error('s3cret');
      },
    }),
  ])('is not what isM2MError sees in %p', (value) => {
    expect(isM2MError(value)).toBe(false);
  });

  it('is what isM2MError sees in errors of another copy of the package', () => {
    expect(isM2MError(Object.assign(new Error('m'), { code: 'ERR_M2M_DISCOVERY' }))).toBe(true);
  });

  const classes = Object.entries(library as Record<string, unknown>).filter(
    (entry): entry is [string, { readonly prototype: Error }] =>
      typeof entry[1] === 'function' && entry[1].prototype instanceof Error,
  );

  it('is the base of every exported error', () => {
    expect(classes.length).toBe(14);
    expect(
      classes.filter(([, { prototype }]) => prototype !== M2MError.prototype && !(prototype instanceof M2MError)),
    ).toEqual([]);
  });

  it.each(classes)('has its exported name as a literal: %s', (name, { prototype }) => {
    expect(Object.getOwnPropertyDescriptor(prototype, 'name')).toMatchObject({ value: name, writable: true });
  });

  it('keeps its name in code whose classes a minifier has renamed', async () => {
    const sources = await Promise.all(['printable', 'm2m.error', 'discovery.error'].map(withoutModules));
    const bundle = `(() => { ${sources.join('\n')}; return new DiscoveryError('m'); })()`;
    const { code } = await minify(bundle, { mangle: true });
    const error = runInThisContext(code) as DiscoveryError;
    expect(error.constructor.name).not.toBe('DiscoveryError');
    expect([error.name, String(error)]).toEqual(['DiscoveryError', 'DiscoveryError: m']);
    expect(error.stack).toMatch(/^DiscoveryError: m\n/);
  });

  it('leaves the name of a subclass to the subclass', () => {
    class Unnamed extends DiscoveryError {}
    class Assigned extends DiscoveryError {
      constructor(message: string) {
        super(message);
        this.name = 'Assigned';
      }
    }
    class Field extends DiscoveryError {
      override name = 'Field';
    }
    const names = [Unnamed, Assigned, Field].map((Each) => new Each('m').name);
    expect(names).toEqual(['DiscoveryError', 'Assigned', 'Field']);
    expect(new DiscoveryError('m').name).toBe('DiscoveryError');
  });
});
