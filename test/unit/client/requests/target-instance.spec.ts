import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import ts from 'typescript';
import { createInstance } from '../../../../lib/client/requests/target-instance.js';
import { axios } from '../../../../lib/http/axios.js';

const target = { baseUrl: 'https://shop.example/api/' };

/** Every field that a request to Axios may have. A new one is looked at: may it lead a token elsewhere, or leak? */
const FIELDS = [
  'adapter allowAbsoluteUrls allowedSocketPaths auth baseURL beforeRedirect cancelToken data decompress env family',
  'fetchOptions formDataHeaderPolicy formSerializer headers http2Options httpAgent httpVersion httpsAgent',
  'insecureHTTPParser lookup maxBodyLength maxContentLength maxRate maxRedirects method onDownloadProgress',
  'onUploadProgress params paramsSerializer parseReviver proxy redact responseEncoding responseType sensitiveHeaders',
  'signal socketPath timeout timeoutErrorMessage transformRequest transformResponse transitional transport url',
  'validateStatus withCredentials withXSRFToken xsrfCookieName xsrfHeaderName',
]
  .join(' ')
  .split(' ');

const defaults = axios.defaults as unknown as Record<string, unknown>;
const pristine = { ...defaults };

afterEach(() => {
  for (const name of Object.keys(defaults)) Reflect.deleteProperty(defaults, name);
  Object.assign(defaults, pristine);
  axios.interceptors.request.clear();
});

it('createInstance has the URL of its target as base URL, and none without a target', () => {
  expect(createInstance(target).defaults.baseURL).toBe('https://shop.example/api/');
  expect(createInstance(undefined).defaults.baseURL).toBeUndefined();
});

it('the fields of a request to Axios, and its defaults, are those that this test knows', () => {
  const types = join(dirname(createRequire(import.meta.url).resolve('axios/package.json')), 'index.d.ts');
  const source = ts.createSourceFile('index.d.ts', readFileSync(types, 'utf8'), ts.ScriptTarget.Latest);
  const config = source.statements.find(
    (each) => ts.isInterfaceDeclaration(each) && each.name.text === 'AxiosRequestConfig',
  ) as ts.InterfaceDeclaration;
  const names = config.members.map(({ name }) => (name as ts.Identifier).text);
  expect(names.toSorted()).toEqual(FIELDS.toSorted());
  expect(Object.keys(pristine).filter((name) => !FIELDS.includes(name))).toEqual([]);
});

it.each(FIELDS)('createInstance takes no default of the application: %s', (name) => {
  const expected = createInstance(undefined).defaults as unknown as Record<string, unknown>;
  defaults[name] = { 'x-mine': 'mine' };
  const before = createInstance(undefined);
  expect(JSON.stringify(before.defaults)).toBe(JSON.stringify(expected));
  expect(Object.keys(before.defaults)).toEqual(Object.keys(expected));
});

it.each(['common', 'get', 'post'])('createInstance takes no header of the application: %s', (group) => {
  const headers = axios.defaults.headers[group] as Record<string, unknown>;
  const instance = createInstance(target);
  headers['x-mine'] = 'mine';
  expect(JSON.stringify([instance.defaults, createInstance(target).defaults])).not.toContain('mine');
  delete headers['x-mine'];
});

it("createInstance shares no object with Axios's defaults, so that a later change does not reach it", () => {
  const instance = createInstance(target).defaults as unknown as Record<string, unknown>;
  const shared = Object.keys(pristine).filter(
    (name) => typeof pristine[name] === 'object' && instance[name] === pristine[name],
  );
  expect(shared).toEqual([]);
});

it('createInstance and the instances made of its result send what the application set for itself nowhere', async () => {
  axios.interceptors.request.use(() => Promise.reject(new Error('an interceptor of the application ran')));
  defaults['transformRequest'] = [() => 'mine'];
  const sent: unknown[] = [];
  const adapter = (config: { data?: unknown; headers: object }) => {
    sent.push(config.data, { ...config.headers });
    return Promise.resolve({ data: '{"a":1}', status: 200, statusText: '', headers: {}, config: config as never });
  };
  const instance = createInstance(target);
  for (const each of [instance, instance.create()]) {
    await expect(each.post('/', { b: 2 }, { adapter })).resolves.toMatchObject({ data: { a: 1 } });
  }
  const headers = { Accept: 'application/json, text/plain, */*', 'Content-Type': 'application/json' };
  expect(sent).toEqual(['{"b":2}', headers, '{"b":2}', headers]);
});
