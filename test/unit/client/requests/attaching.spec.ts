import { describe, expect, it } from '@jest/globals';
import { Agent } from 'node:https';
import { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import { attachToken } from '../../../../lib/client/requests/attaching.js';
import type { Destination } from '../../../../lib/client/requests/destination.js';

const proxy = { host: 'proxy.example', port: 3128 };
const httpsAgent = new Agent();

function sent(config: Partial<InternalAxiosRequestConfig> = {}, http = {}, isLocal = false) {
  const target = { name: 'shop', origin: 'https://shop.example', path: '', http };
  const destination = { target, url: new URL('https://shop.example/a'), isLocal, targets: [target] };
  const given = { url: '/a', headers: new AxiosHeaders({ Accept: '*/*' }), ...config };
  return { given, sent: attachToken(given, destination as unknown as Destination, { 'X-Token': 'the-token' }) };
}

describe('attachToken', () => {
  it('adds the headers of the token to a copy, and leaves the request of the caller alone', () => {
    const { given, sent: copy } = sent();
    expect(copy.headers.toJSON()).toEqual({ Accept: '*/*', 'X-Token': 'the-token' });
    expect(copy.headers).toBeInstanceOf(AxiosHeaders);
    expect(given.headers.toJSON()).toEqual({ Accept: '*/*' });
  });

  it('sends to the URL that was checked', () => {
    expect(sent({ baseURL: 'https://evil.test' }).sent).toMatchObject({
      url: 'https://shop.example/a',
      allowAbsoluteUrls: true,
    });
  });

  it('lets the fetch adapter follow no redirect, and keeps its other options', () => {
    expect(sent().sent.fetchOptions).toEqual({ redirect: 'manual' });
    const fetchOptions = { redirect: 'follow', cache: 'no-store' };
    expect(sent({ fetchOptions }).sent.fetchOptions).toEqual({ redirect: 'manual', cache: 'no-store' });
  });

  it('uses proxy, agent and timeout of the target unless the request has its own', () => {
    const http = { proxy, httpsAgent, timeout: 5000 };
    expect(sent({}, http).sent).toMatchObject({ proxy, httpsAgent, timeout: 5000 });
    const own = { proxy: false as const, httpsAgent: new Agent(), timeout: 100 };
    expect(sent(own, http).sent).toMatchObject({ proxy: false, timeout: 100 });
    expect(sent(own, http).sent.httpsAgent).toBe(own.httpsAgent);
  });

  it('uses no proxy on this machine', () => {
    expect(sent({ proxy }, { proxy }, true).sent.proxy).toBe(false);
  });
});
