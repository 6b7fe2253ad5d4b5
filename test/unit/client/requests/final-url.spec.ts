import { describe, expect, it } from '@jest/globals';
import { Axios } from 'axios';
import * as fc from 'fast-check';
import { finalUrl } from '../../../../lib/client/requests/final-url.js';

describe('finalUrl', () => {
  it.each([
    ['https://shop.test/api', '/products', undefined, 'https://shop.test/api/products'],
    ['https://shop.test/api//', '//products', false, 'https://shop.test/api/products'],
    ['https://shop.test/api', undefined, undefined, 'https://shop.test/api'],
    ['https://shop.test/api', 'https://evil.test/x', undefined, 'https://evil.test/x'],
    ['https://shop.test/api', 'HTTPS://evil.test/x', undefined, 'HTTPS://evil.test/x'],
    ['https://shop.test/api', '//evil.test/x', undefined, '//evil.test/x'],
    ['https://shop.test/api', 'https://evil.test', false, 'https://shop.test/api/https://evil.test'],
    [undefined, '/products', undefined, '/products'],
    [undefined, undefined, undefined, ''],
  ])('of base %s and url %s (allowAbsoluteUrls %s) is %s', (baseURL, url, allowAbsoluteUrls, expected) => {
    expect(finalUrl({ baseURL, url, allowAbsoluteUrls })).toBe(expected);
  });

  it('takes URL objects', () => {
    expect(finalUrl({ url: new URL('https://shop.test/x') })).toBe('https://shop.test/x');
  });

  it('is what Axios makes of it', () => {
    const part = fc.stringMatching(/^[a-z/:.?#@\\%;-]{0,12}$/);
    const base = fc.constantFrom('https://shop.test/api', 'https://shop.test/api/', 'https://shop.test');
    fc.assert(
      fc.property(base, part, fc.boolean(), (baseURL, url, allowAbsoluteUrls) => {
        const request = { baseURL, url, allowAbsoluteUrls };
        expect(finalUrl(request)).toBe(new Axios().getUri(request));
      }),
      { numRuns: 1000 },
    );
  });
});
