import { afterEach, expect, it } from '@jest/globals';
import { baseUrlOf, createInstance } from '../../../../lib/client/requests/target-instance.js';
import { axios } from '../../../../lib/http/axios.js';
import type { ResolvedTarget } from '../../../../lib/options/resolved-options.js';

const target = { name: 'shop', origin: 'https://shop.example', path: '/api' } as ResolvedTarget;

afterEach(() => {
  delete axios.defaults.auth;
  delete axios.defaults.headers.common['AUTHORIZATION'];
});

it('baseUrlOf is origin and path of a target', () => {
  expect(baseUrlOf(target)).toBe('https://shop.example/api');
});

it('createInstance has the URL of its target as base URL, and none without a target', () => {
  expect(createInstance(target).defaults.baseURL).toBe('https://shop.example/api');
  expect(createInstance(undefined).defaults.baseURL).toBeUndefined();
});

it("createInstance takes no credentials of Axios's defaults", () => {
  axios.defaults.auth = { username: 'mine', password: 'mine' };
  axios.defaults.headers.common['AUTHORIZATION'] = 'Basic mine';
  expect(JSON.stringify(createInstance(target).defaults)).not.toContain('mine');
});
