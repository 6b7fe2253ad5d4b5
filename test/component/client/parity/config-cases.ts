import { Agent } from 'node:http';
import type { ParityCases } from './parity-case.js';

const at = (url: string) => new URL(url).host;

/** How it is sent: URL, parameters, headers, credentials, connection. */
export const CONFIGURATIONS: ParityCases = {
  'an absolute URL': ({ http, base }) => http.get(`${base}/json`),
  'a URL object': ({ http, base }) => http.get(new URL(`${base}/json`) as never),
  'a URL with a fragment and a query': ({ http }) => http.get('/json?a=1#there'),
  'a URL without a slash': ({ http }) => http.get('json'),
  'a URL with characters to encode': ({ http }) => http.get('/json/ä ö?q=ü ü'),
  'a URL with dot segments': ({ http }) => http.get('/a/../json'),
  'a base URL of its own': ({ http, base }) => http.get('/json', { baseURL: `${base}/v2/` }),
  'allowAbsoluteUrls: false': ({ http }) => http.get('/json', { allowAbsoluteUrls: false }),
  'allowAbsoluteUrls: false and an absolute URL': ({ http, base }) =>
    http.get(`${base}/json`, { allowAbsoluteUrls: false }),
  params: ({ http }) =>
    http.get('/json', { params: { a: 1, b: 'ä &=+', none: null, left: undefined, at: new Date(0) } }),
  'params beside a query': ({ http }) => http.get('/json?a=1', { params: { b: 2 } }),
  'params with lists and objects': ({ http }) => http.get('/json', { params: { list: [1, 2], deep: { a: { b: 1 } } } }),
  'params as URLSearchParams': ({ http }) => http.get('/json', { params: new URLSearchParams('a=1&a=2') }),
  'params with a fragment in the URL': ({ http }) => http.get('/json#there', { params: { a: 1 } }),
  'paramsSerializer with indexes': ({ http }) =>
    http.get('/json', { params: { list: [1, 2] }, paramsSerializer: { indexes: null } }),
  'paramsSerializer with an encoder': ({ http }) =>
    http.get('/json', {
      params: { a: 'b c' },
      paramsSerializer: { encode: (value: string) => value.toUpperCase().replaceAll(' ', '_') },
    }),
  'paramsSerializer that is a function': ({ http }) =>
    http.get('/json', {
      params: { a: 1 },
      paramsSerializer: { serialize: (params) => `made=${Object.keys(params).length}` },
    }),
  'paramsSerializer that throws': ({ http }) =>
    http.get('/json', {
      params: { a: 1 },
      paramsSerializer: {
        serialize: () => {
          throw new Error('mine');
        },
      },
    }),
  headers: ({ http }) =>
    http.get('/json', { headers: { 'X-Mine': 'yes', 'x-number': 7, 'x-list': ['a', 'b'] as never } }),
  'headers in spellings that differ': ({ http }) =>
    http.post('/json', {}, { headers: { 'CONTENT-TYPE': 'application/vnd.api+json', accept: 'text/x' } }),
  'headers that are removed': ({ http }) =>
    http.post('/json', {}, { headers: { accept: null, 'user-agent': false, 'accept-encoding': undefined } as never }),
  'a header with a bad value': ({ http }) => http.get('/json', { headers: { 'x-bad': 'a\r\nb: c' } }),
  'a header with a bad name': ({ http }) => http.get('/json', { headers: { 'x bad': 'a' } }),
  'a header that is not Latin-1': ({ http }) => http.get('/json', { headers: { 'x-name': '漢' } }),
  'the Host header of the target': ({ http, url }) => http.get('/json', { headers: { host: at(url) } }),
  'common headers set on the instance': ({ http }) => {
    http.defaults.headers.common['x-common'] = 'yes';
    http.defaults.headers.post['x-post'] = 'yes';
    return http.post('/json', {}).finally(() => {
      delete http.defaults.headers.common['x-common'];
      delete http.defaults.headers.post['x-post'];
    });
  },
  'credentials of its own in auth': ({ http }) => http.get('/json', { auth: { username: 'mé', password: 'ü' } }),
  'credentials of its own in a header': ({ http }) => http.get('/json', { headers: { Authorization: 'Basic mine' } }),
  'xsrf names': ({ http }) =>
    http.get('/json', { xsrfCookieName: 'a', xsrfHeaderName: 'b', withCredentials: true, withXSRFToken: true }),
  'a keep-alive agent': async ({ http }) => {
    const httpAgent = new Agent({ keepAlive: true });
    const responses = [await http.get('/json', { httpAgent }), await http.get('/json', { httpAgent })];
    httpAgent.destroy();
    return responses[1];
  },
  'an agent that keeps nothing': ({ http }) => http.get('/json', { httpAgent: new Agent({ keepAlive: false }) }),
  'proxy: false': ({ http }) => http.get('/json', { proxy: false }),
  lookup: ({ http, url }) =>
    http.get(`http://localhost:${new URL(url).port}/api/json`, {
      lookup: (_host: string, _options: object, found: (error: null, address: string, family: 4) => void) =>
        found(null, '127.0.0.1', 4),
      m2m: false,
    }),
  family: ({ http }) => http.get('/json', { family: 4 }),
  insecureHTTPParser: ({ http }) => http.get('/json', { insecureHTTPParser: true }),
  'an interceptor': async ({ http, note }) => {
    const request = http.interceptors.request.use(
      (config) => (config.headers.set('x-mine', 'yes'), note(config.method), config),
    );
    const response = http.interceptors.response.use((answer) => (note(answer.status), answer));
    const result = await http.get('/json');
    http.interceptors.request.eject(request);
    http.interceptors.response.eject(response);
    return result;
  },
  'an adapter of its own': ({ http, note }) =>
    http.post(
      '/json',
      { a: 1 },
      {
        adapter: (config) => {
          note([config.data, config.method]);
          return Promise.resolve({ data: '{"mine":1}', status: 200, statusText: 'OK', headers: {}, config });
        },
      },
    ),
  'a list of adapters': ({ http }) => http.get('/json', { adapter: ['xhr', 'http'] }),
  'an adapter that does not exist': ({ http }) => http.get('/json', { adapter: 'none' as never }),
  'an option with a misspelt name': ({ http }) => http.get('/json', { baseUrl: 'x' } as never),
  'transitional options that do not exist': ({ http }) => http.get('/json', { transitional: { none: true } as never }),
  getUri: async ({ http }) => http.getUri({ url: '/json', params: { a: 1 } }),
  'an instance made of it': ({ http }) => http.create({ headers: { 'x-made': 'yes' } }).get('/json', { m2m: false }),
};
