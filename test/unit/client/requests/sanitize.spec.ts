import { describe, expect, it } from '@jest/globals';
import { PassThrough, Readable } from 'node:stream';
import { inspect } from 'node:util';
import { AxiosError, AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import { sanitizeError } from '../../../../lib/client/requests/sanitize.js';

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
