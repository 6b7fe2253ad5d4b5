import type { ParityCases } from './parity-case.js';

const types = ['json', 'text', 'arraybuffer', 'blob', 'formdata', 'document', 'stream', 'response'] as const;
const perType = types.flatMap((responseType): [string, ParityCases[string]][] => [
  [`responseType: ${responseType}`, ({ http }) => http.get('/json', { responseType: responseType as 'json' })],
  [
    `responseType: ${responseType}, with an error`,
    ({ http }) => http.get('/status?code=500&body={"a":1}', { responseType: responseType as 'json' }),
  ],
]);
const statuses = [201, 202, 204, 205, 206, 300, 304, 400, 401, 403, 404, 409, 418, 429, 500, 502, 503, 599];
const perStatus = statuses.map((code): [string, ParityCases[string]] => [
  `status ${code}`,
  ({ http }) => http.get(`/status?code=${code}&body={"code":${code}}`),
]);

/** What comes back: statuses, bodies, redirects. */
export const RESPONSES: ParityCases = {
  ...Object.fromEntries([...perType, ...perStatus]),
  text: ({ http }) => http.get('/text'),
  bytes: ({ http }) => http.get('/bytes'),
  'bytes as an ArrayBuffer': ({ http }) => http.get('/bytes', { responseType: 'arraybuffer' }),
  'a byte order mark': ({ http }) => http.get('/bom'),
  'broken JSON': ({ http }) => http.get('/broken'),
  'broken JSON that is asked for': ({ http }) => http.get('/broken', { responseType: 'json' }),
  'broken JSON that must not be silent': ({ http }) =>
    http.get('/broken', { responseType: 'json', transitional: { silentJSONParsing: false } }),
  'text that must not be parsed': ({ http }) => http.get('/json', { transitional: { forcedJSONParsing: false } }),
  responseEncoding: ({ http }) => http.get('/latin1', { responseEncoding: 'latin1' }),
  parseReviver: ({ http }) =>
    http.get('/numbers', {
      parseReviver: (_key, value, context) => (typeof value === 'number' ? String(context?.source) : value),
    }),
  'set-cookie twice': ({ http }) => http.get('/cookies'),
  gzip: ({ http }) => http.get('/gzip'),
  brotli: ({ http }) => http.get('/brotli'),
  deflate: ({ http }) => http.get('/deflate'),
  'gzip that is none': ({ http }) => http.get('/nogzip'),
  'decompress: false': ({ http }) => http.get('/gzip', { decompress: false, responseType: 'arraybuffer' }),
  'gzip as a stream': ({ http }) => http.get('/gzip', { responseType: 'stream' }),
  transformResponse: ({ http, note }) =>
    http.get('/json', {
      transformResponse: (data, headers, status) => (note([typeof data, headers.get('x-mine'), status]), 'made'),
    }),
  'transformResponse that throws': ({ http }) =>
    http.get('/json', {
      transformResponse: () => {
        throw new TypeError('mine');
      },
    }),
  'no transformResponse': ({ http }) => http.get('/json', { transformResponse: [] }),
  'validateStatus that takes all': ({ http }) => http.get('/status?code=500', { validateStatus: () => true }),
  'validateStatus: null': ({ http }) => http.get('/status?code=404', { validateStatus: null }),
  'validateStatus: undefined': ({ http }) => http.get('/status?code=404', { validateStatus: undefined } as never),
  'validateStatus: undefined that does not resolve': ({ http }) =>
    http.get('/status?code=404', {
      validateStatus: undefined,
      transitional: { validateStatusUndefinedResolves: false },
    } as never),
  'validateStatus that takes nothing': ({ http }) => http.get('/json', { validateStatus: () => false }),
  'maxContentLength that is exceeded': ({ http }) => http.get('/json', { maxContentLength: 5 }),
  'maxContentLength that is exceeded by gzip': ({ http }) => http.get('/gzip', { maxContentLength: 90 }),
  'maxContentLength of a stream': ({ http }) => http.get('/json', { maxContentLength: 5, responseType: 'stream' }),
  onDownloadProgress: ({ http, note }) => http.get('/json', { onDownloadProgress: ({ loaded }) => note(loaded) }),
  'a redirect': ({ http }) => http.get('/redirect?to=/api/json'),
  'a redirect after post': ({ http }) => http.post('/redirect?to=/api/json', { a: 1 }),
  'a redirect after post that keeps the method': ({ http }) => http.post('/redirect?code=307&to=/api/json', { a: 1 }),
  'a redirect with params': ({ http }) => http.get('/redirect', { params: { to: '/api/json' } }),
  'a redirect to an absolute URL': ({ http, base }) => http.get('/redirect', { params: { to: `${base}/json` } }),
  'a redirect without a place': ({ http }) => http.get('/status?code=302'),
  'a redirect out of the target': ({ http }) => http.get('/redirect?to=/elsewhere/json'),
  'maxRedirects: 0': ({ http }) => http.get('/redirect?to=/api/json', { maxRedirects: 0 }),
  'maxRedirects that are exceeded': ({ http }) =>
    http.get('/redirect?to=/api/redirect?to=/api/json', { maxRedirects: 1 }),
  beforeRedirect: ({ http, note }) =>
    http.get('/redirect?to=/api/json', {
      beforeRedirect: (options, { statusCode }) => (
        note([options['path'], statusCode]),
        Object.assign(options['headers'] as object, { 'x-hop': 'yes' })
      ),
    }),
  'beforeRedirect that throws': ({ http }) =>
    http.get('/redirect?to=/api/json', {
      beforeRedirect: () => {
        throw new Error('mine');
      },
    }),
};
