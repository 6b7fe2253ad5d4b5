import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import type { AxiosResponse } from 'axios';
import { SentRequest } from '../../../../lib/client/requests/sanitize.js';
import { toWebResponse } from '../../../../lib/client/requests/web-response.js';

const url = 'https://shop.example/a#part';
const { signal } = new AbortController();
function answer(extra: Partial<AxiosResponse<Readable>> = {}): AxiosResponse<Readable> {
  const data = Readable.from([Buffer.from('body')]);
  const request = new SentRequest('GET', 'https://shop.example/a');
  return { status: 200, statusText: 'OK', headers: {}, data, request, ...extra } as AxiosResponse<Readable>;
}

describe('toWebResponse', () => {
  it('has status, headers, body and URL of the response', async () => {
    const response = toWebResponse(answer({ headers: { a: '1', 'set-cookie': ['x=1', 'y=2'] } }), url, signal);
    expect(response).toMatchObject({ status: 200, statusText: 'OK', url: 'https://shop.example/a', redirected: false });
    expect(response.headers.get('a')).toBe('1');
    expect(response.headers.getSetCookie()).toEqual(['x=1', 'y=2']);
    await expect(response.text()).resolves.toBe('body');
  });

  it('says where a redirect led', () => {
    const request = new SentRequest('GET', 'https://shop.example/b');
    expect(toWebResponse(answer({ request }), url, signal)).toMatchObject({
      url: 'https://shop.example/b',
      redirected: true,
    });
  });

  it.each([204, 205, 304])('has no body with status %d', (status) => {
    expect(toWebResponse(answer({ status }), url, signal).body).toBeNull();
  });

  it.each([199, 600])('refuses the status %d, and closes its body', (status) => {
    const response = answer({ status });
    expect(() => toWebResponse(response, url, signal)).toThrow(TypeError);
    expect(response.data.destroyed).toBe(true);
  });
});
