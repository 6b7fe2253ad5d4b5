import { describe, expect, it } from '@jest/globals';
import { PassThrough, Readable } from 'node:stream';
import { inspect } from 'node:util';
import { AxiosError, AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import { sanitizeError, sanitizeConfig } from '../../../../lib/client/requests/sanitize.js';

const url = 'https://shop.example/api';
const seen = (thing: unknown) => inspect(thing, { depth: Infinity, showHidden: true }) + JSON.stringify(thing);
const config = (extra = {}): InternalAxiosRequestConfig => ({ headers: new AxiosHeaders(), method: 'post', ...extra });
const withToken = () => ({ headers: new AxiosHeaders({ authorization: 'Bearer token-of-the-shop' }) });

describe('sanitizeError', () => {
  it('hides where a body is piped to, and keeps the body', () => {
    const data = new Readable({ read() {} });
    data.pipe(Object.assign(new PassThrough(), withToken()));
    const error = sanitizeError(new AxiosError('late', 'LATE', config()), config({ data }), url) as AxiosError;
    expect(seen(error)).not.toContain('token-of-the-shop');
    expect(error.config?.data).toBe(data);
  });

  it.each(['httpAgent', 'httpsAgent'] as const)('hides the sockets of the %s, and keeps it', (name) => {
    const agent = { sockets: { 'shop.example:443': [{ _httpMessage: withToken() }] } };
    const error = sanitizeError(new AxiosError('late', 'LATE', config()), config({ [name]: agent }), url) as AxiosError;
    expect(seen(error)).not.toContain('token-of-the-shop');
    expect(error.config?.[name]).toBe(agent);
  });

  it('shows a body that is none of its business', () => {
    const error = new AxiosError('late', 'LATE', config());
    sanitizeError(error, config({ data: { a: 'visible' } }), url);
    expect(seen(error)).toContain('visible');
  });

  it('cleans the error that caused it', () => {
    const cause = new AxiosError('inner', 'INNER', withToken());
    const error = AxiosError.from(cause, 'OUTER', withToken());
    sanitizeError(error, config(), url);
    expect(error.cause).toBe(cause);
    expect(seen(error)).not.toContain('token-of-the-shop');
  });

  it.each(['text', undefined, null])('leaves %s as it is', (thrown) => {
    expect(sanitizeError(thrown, config(), url)).toBe(thrown);
  });
});

const headers = new AxiosHeaders();
const agent = { sockets: ['the-token-of-another'] };

describe('sanitizeConfig', () => {
  it('is the same config if nothing of it shows other requests', () => {
    const sanitized = { headers, data: { a: 'visible' } };
    expect(sanitizeConfig(sanitized)).toBe(sanitized);
  });

  it.each([
    ['httpAgent', agent],
    ['httpsAgent', agent],
    ['data', Object.assign(new Readable(), agent)],
  ] as const)('hides %s from inspect and JSON, and keeps it for the next request', (name, value) => {
    const sanitized = sanitizeConfig({ headers, url: '/visible', [name]: value });
    for (const text of [inspect(sanitized, { depth: null, showHidden: true }), JSON.stringify(sanitized)]) {
      expect(text).toContain('visible');
      expect(text).not.toContain('the-token-of-another');
    }
    expect({ ...sanitized }[name]).toBe(value);
  });

  it('lets a hidden field be set', () => {
    const sanitized = sanitizeConfig({ headers, httpAgent: agent });
    sanitized.httpAgent = undefined;
    expect(sanitized.httpAgent).toBeUndefined();
  });
});
