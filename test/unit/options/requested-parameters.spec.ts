import { describe, expect, it } from '@jest/globals';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { closingSignal, requestedParameters } from '../../../lib/options/requested-parameters.js';
import { noParameters, tokenParameters } from '../../../lib/options/token-parameters.js';

const base = tokenParameters(noParameters, { audience: 'https://shop', scope: 'read', parameters: { a: '1' } });

describe('requestedParameters', () => {
  it('replaces what is asked for field by field', () => {
    expect(requestedParameters(base, { scope: 'write read', resource: 'https://r', parameters: { b: '2' } })).toEqual({
      audience: 'https://shop',
      resource: ['https://r'],
      scope: ['read', 'write'],
      organization: undefined,
      parameters: { b: '2' },
    });
    expect(requestedParameters(base, {})).toEqual(base);
  });

  it.each([
    [{ scope: 'a"b' }, 'scope holds a character'],
    [{ audience: '' }, 'audience is an empty string'],
    [{ parameters: { client_secret: 'top-secret' } }, 'parameters.client_secret may not be set here'],
  ])('refuses %j', (request, message) => {
    expect(() => requestedParameters(base, request)).toThrow(message);
    expect(() => requestedParameters(base, request)).not.toThrow('top-secret');
  });

  const inside: Record<string, unknown> = {};
  inside['itself'] = [inside];

  it.each<[string, unknown]>([
    ['a bigint', 1n],
    ['a nested bigint', { deep: [1n] }],
    ['a number that is none', NaN],
    ['a number without end', [Infinity]],
    ['nothing in a list', { deep: [undefined] }],
    ['a gap in a list', Object.assign([], { length: 2 })],
    ['a function', () => 'top-secret'],
    ['a symbol', Symbol('top-secret')],
    ['an object of a class', new Date()],
    ['an object inside of itself', inside],
  ])('refuses parameters that cannot be written: %s', (_, a) => {
    const run = () => requestedParameters(base, { parameters: { a, b: 'c' } });
    expect(run).toThrow(M2MConfigurationError);
    expect(run).toThrow(/one problem[^]* parameters\.a holds what JSON cannot .*\n    write: a: String\(\.\.\.\)$/);
    expect(run).not.toThrow('top-secret');
  });

  it('takes parameters that are nested, or used twice', () => {
    const shared = Object.assign(Object.create(null) as object, { list: [1, true, null, 'text'] });
    const parameters = { a: shared, b: [shared], c: undefined, d: { e: { f: 1 } } };
    expect(requestedParameters(base, { parameters }).parameters).toEqual(parameters);
  });

  it('keeps parameters as they were, whatever becomes of the object given, and leaves that one alone', () => {
    const details = { tenant: 'C', list: [{ a: 1 }] };
    const { parameters } = requestedParameters(base, { parameters: { details } });
    details.tenant = 'D';
    details.list.forEach((item) => (item.a = 2));
    expect(parameters).toEqual({ details: { tenant: 'C', list: [{ a: 1 }] } });
    expect(() => Object.assign(parameters['details'] as object, { tenant: 'D' })).toThrow(TypeError);
  });

  it.each([
    ['is a string, not', 'top-secret'],
    ['is an object, not', { aborted: false }],
    ['is null, not', null],
  ])('refuses what is no signal: %s', (problem, signal) => {
    const run = () => requestedParameters(base, { signal }, ['signal']);
    expect(run).toThrow(M2MConfigurationError);
    expect(run).toThrow(`request.signal ${problem} an AbortSignal\n    write: signal: AbortSignal.timeout(1000)`);
    expect(run).not.toThrow('top-secret');
  });

  it.each([
    ['is a number, not an AbortSignal', { signal: 5 }, /options\.signal is 5, not an AbortSignal/],
    ['is misspelt', { signals: AbortSignal.abort() }, /options\.signals is not an option\n\s+write: signal: /],
  ])('refuses a signal for a kept token that %s', (_name, options, message) => {
    expect(() => closingSignal(options as never)).toThrow(message);
  });

  it('knows what else a request says', () => {
    const request = { audience: 'https://shop', forceRenewal: true, target: 'shop', signal: AbortSignal.abort() };
    expect(requestedParameters(base, request, ['target', 'signal'])).toEqual(base);
    expect(() => requestedParameters(base, request)).toThrow(
      /request.target is not an option[^]*request.signal is not an option/,
    );
  });

  it.each<[unknown, string]>([
    [{ scopes: 'read' }, 'request.scopes is not an option\n    write: scope: ...'],
    [{ x: 1 }, 'request.x is not an option\n    write: one of audience, resource, scope, organization, parameters,'],
    [true, "request is true\n    write: m2m: { scope: 'read:products' }"],
    ['top-secret', "request is a string\n    write: m2m: { scope: 'read:products' }, or getToken({ scope:"],
    [['read'], 'request is an array'],
    [null, 'request is null'],
  ])('refuses %j', (request, message) => {
    const run = () => requestedParameters(base, request as object);
    expect(run).toThrow(M2MConfigurationError);
    expect(run).toThrow(message);
    expect(run).not.toThrow('top-secret');
  });
});
