import { Readable } from 'node:stream';
import { blob } from 'node:stream/consumers';
import LegacyFormData from 'form-data';
import type { ParityCases } from './parity-case.js';

const json = { 'content-type': 'application/json' };
const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };
const multipart = { 'content-type': 'multipart/form-data' };
const nested = () => ({ a: 1, list: [1, 2], deep: { b: { c: 'ä' } }, none: null, left: undefined, at: new Date(0) });

function form(): FormData {
  const data = new FormData();
  data.set('name', 'ä');
  data.append('list', '1');
  data.append('list', '2');
  data.set('file', new Blob(['content'], { type: 'text/csv' }), 'file.csv');
  return data;
}

function legacyForm(): LegacyFormData {
  const data = new LegacyFormData();
  data.append('name', 'value');
  data.append('file', Buffer.from('content'), { filename: 'file.bin' });
  return data;
}

/** What is sent: methods and bodies. */
export const REQUESTS: ParityCases = {
  get: ({ http }) => http.get('/json'),
  'get of the base URL itself': ({ http }) => http.get(''),
  'get with a body': ({ http }) => http.get('/json', { data: { a: 1 } }),
  head: ({ http }) => http.head('/json'),
  options: ({ http }) => http.options('/json'),
  delete: ({ http }) => http.delete('/json'),
  'delete with a body': ({ http }) => http.delete('/json', { data: { a: 1 } }),
  'request with a method in upper case': ({ http }) => http.request({ method: 'PATCH', url: '/json', data: { a: 1 } }),
  'the instance as a function': ({ http }) => http('/json', { method: 'put', data: 'text' }),
  'post without a body': ({ http }) => http.post('/json'),
  'post of null': ({ http }) => http.post('/json', null),
  'post of an object': ({ http }) => http.post('/json', nested()),
  'post of an array': ({ http }) => http.post('/json', [1, 'a', null]),
  'post of a string': ({ http }) => http.post('/json', 'text ä'),
  'post of an empty string': ({ http }) => http.post('/json', ''),
  'post of a number': ({ http }) => http.post('/json', 7),
  'post of a boolean': ({ http }) => http.post('/json', false),
  'post of a number as JSON': ({ http }) => http.post('/json', 7, { headers: json }),
  'post of null as JSON': ({ http }) => http.post('/json', null, { headers: json }),
  'post of nothing as JSON': ({ http }) => http.post('/json', undefined, { headers: json }),
  'post of JSON text as JSON': ({ http }) => http.post('/json', ' {"a":1} ', { headers: json }),
  'post of other text as JSON': ({ http }) => http.post('/json', 'no json', { headers: json }),
  'post of an object with a circle': ({ http }) => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    return http.post('/json', circle);
  },
  'post of a bigint in an object': ({ http }) => http.post('/json', { a: 1n }),
  'post of an object with toJSON': ({ http }) => http.post('/json', { toJSON: () => ({ made: true }) }),
  'post of a Date': ({ http }) => http.post('/json', new Date(0)),
  'post of a class': ({ http }) =>
    http.post(
      '/json',
      new (class Product {
        readonly id = 1;
      })(),
    ),
  'post of URLSearchParams': ({ http }) => http.post('/json', new URLSearchParams({ a: '1', b: 'ä &' })),
  'post of URLSearchParams with a type': ({ http }) =>
    http.post('/json', new URLSearchParams({ a: '1' }), { headers: { 'content-type': 'text/plain' } }),
  'post of an object as a form': ({ http }) => http.post('/json', nested(), { headers: urlencoded }),
  'post of an object with bytes as a form': ({ http }) =>
    http.post('/json', { a: Buffer.from('bytes') }, { headers: urlencoded }),
  'post of an object as a form with a serializer': ({ http }) =>
    http.post('/json', nested(), {
      headers: urlencoded,
      formSerializer: { dots: true, indexes: null, metaTokens: false },
    }),
  'post of an object as multipart': ({ http }) => http.post('/json', { a: 1, list: [1, 2] }, { headers: multipart }),
  postForm: ({ http }) => http.postForm('/json', { a: 1, file: Buffer.from('bytes') }),
  'postForm with a serializer': ({ http }) => http.postForm('/json', nested(), { formSerializer: { dots: true } }),
  'putForm of a form': ({ http }) => http.putForm('/json', form()),
  'patchForm of an array': ({ http }) => http.patchForm('/json', { list: ['a', { b: 1 }] }),
  'post of FormData': ({ http }) => http.post('/json', form()),
  'post of FormData as JSON': ({ http }) => http.post('/json', form(), { headers: json }),
  'post of FormData with a boundary': ({ http }) =>
    http.post('/json', form(), { headers: { 'content-type': 'multipart/form-data; boundary=mine-mine-mine' } }),
  'post of a form of the package form-data': ({ http }) => http.post('/json', legacyForm()),
  'post of a form of the package form-data as JSON': ({ http }) => http.post('/json', legacyForm(), { headers: json }),
  'post of a Buffer': ({ http }) => http.post('/json', Buffer.from([0, 255])),
  'post of a Buffer with a type': ({ http }) => http.put('/json', Buffer.from('{}'), { headers: json }),
  'post of an ArrayBuffer': ({ http }) => http.post('/json', new Uint8Array([1, 2]).buffer),
  'post of a Uint8Array': ({ http }) => http.post('/json', new Uint8Array([1, 2])),
  'post of a view of a part': ({ http }) => http.post('/json', new Uint8Array(new Uint8Array([1, 2, 3]).buffer, 1, 1)),
  'post of a DataView': ({ http }) => http.post('/json', new DataView(new Uint8Array([1, 2]).buffer)),
  'post of a Blob': ({ http }) => http.post('/json', new Blob(['blob'], { type: 'text/csv' })),
  'post of a File': ({ http }) => http.post('/json', new File(['file'], 'a.txt', { type: 'text/plain' })),
  'post of a stream': ({ http }) => http.post('/json', Readable.from([Buffer.from('a'), Buffer.from('b')])),
  'post of a stream with a length': ({ http }) =>
    http.post('/json', Readable.from([Buffer.from('ab')]), { headers: { 'content-length': '2' } }),
  'post of a stream of the web': async ({ http }) => http.post('/json', (await blob(Readable.from(['a']))).stream()),
  'post of a function': ({ http }) => http.post('/json', () => 1),
  'post of a symbol': ({ http }) => http.post('/json', Symbol('a')),
  'transformRequest of its own': ({ http }) =>
    http.post(
      '/json',
      { a: 1 },
      { transformRequest: (data, headers) => (headers.set('x-made', 'yes'), `made ${typeof data}`) },
    ),
  'transformRequest beside the default': ({ http }) =>
    http.post(
      '/json',
      { a: 1 },
      { transformRequest: [(data: object) => ({ ...data, b: 2 }), ...[http.defaults.transformRequest ?? []].flat()] },
    ),
  'transformRequest that throws': ({ http }) =>
    http.post(
      '/json',
      {},
      {
        transformRequest: () => {
          throw new TypeError('mine');
        },
      },
    ),
  'no transformRequest': ({ http }) => http.post('/json', { a: 1 }, { transformRequest: [] }),
  'maxBodyLength that is exceeded': ({ http }) => http.post('/json', 'x'.repeat(100), { maxBodyLength: 10 }),
  'maxBodyLength that is kept': ({ http }) => http.post('/json', 'x'.repeat(10), { maxBodyLength: 10 }),
  maxRate: ({ http }) => http.post('/json', 'x'.repeat(10), { maxRate: 1_000_000 }),
  onUploadProgress: ({ http, note }) =>
    http.post('/json', 'x'.repeat(1000), { onUploadProgress: ({ loaded, total }) => note([loaded, total]) }),
};
