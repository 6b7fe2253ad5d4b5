import { Readable } from 'node:stream';
import axios from 'axios';
import type { ParityCases } from './parity-case.js';

/** What fails: connections, time, callers that give up. */
export const FAILURES: ParityCases = {
  'a connection that is reset': ({ http }) => http.get('/reset'),
  'a connection that is reset after a body': ({ http }) => http.post('/reset', { a: 1 }),
  'a body that is cut': ({ http }) => http.get('/cut'),
  'a stream that is cut': ({ http }) => http.get('/cut', { responseType: 'stream' }),
  timeout: ({ http }) => http.get('/never', { timeout: 30 }),
  'timeout while the body comes': ({ http }) => http.get('/drip', { timeout: 300 }),
  'timeout with another message': ({ http }) => http.get('/never', { timeout: 30, timeoutErrorMessage: 'too late' }),
  'timeout with another code': ({ http }) =>
    http.get('/never', { timeout: 30, transitional: { clarifyTimeoutError: true } }),
  'timeout in a string': ({ http }) => http.get('/never', { timeout: '30' as never }),
  'timeout that is no number': ({ http }) => http.get('/json', { timeout: 'soon' as never }),
  'signal that is aborted before': ({ http }) => http.get('/json', { signal: AbortSignal.abort() }),
  'signal that is aborted with a reason before': ({ http }) =>
    http.get('/json', { signal: AbortSignal.abort(new Error('mine')) }),
  signal: ({ http, arrival }) => http.get('/never', { signal: abortSoon(arrival()) }),
  'signal with a reason': ({ http, arrival }) =>
    http.get('/never', { signal: abortSoon(arrival(), new Error('mine')) }),
  'signal while the body comes': ({ http, arrival }) => http.get('/drip', { signal: abortSoon(arrival()) }),
  'signal of a time-out': ({ http }) => http.get('/never', { signal: AbortSignal.timeout(30) }),
  'signal that does nothing': ({ http }) => http.get('/json', { signal: new AbortController().signal }),
  cancelToken: ({ http, arrival }) => http.get('/never', { cancelToken: cancelSoon(arrival()) }),
  'cancelToken that is cancelled before': ({ http }) => {
    const { token, cancel } = axios.CancelToken.source();
    cancel('mine');
    return http.get('/json', { cancelToken: token });
  },
  'a body that fails': ({ http }) =>
    http.post(
      '/json',
      new Readable({
        read() {
          this.destroy(new Error('mine'));
        },
      }),
    ),
  'a scheme that does not exist': ({ http }) => http.get('ftp://127.0.0.1/json', { m2m: false }),
  'a URL that is none': ({ http }) => http.get('http://', { m2m: false }),
  'a server that does not listen': ({ http }) => http.get('http://127.0.0.1:1/json', { m2m: false }),
  'a host that does not exist': ({ http }) => http.get('http://none.invalid/json', { m2m: false }),
};

function abortSoon(arrival: Promise<unknown>, reason?: Error): AbortSignal {
  const controller = new AbortController();
  void arrival.then(() => controller.abort(reason));
  return controller.signal;
}

function cancelSoon(arrival: Promise<unknown>) {
  const { token, cancel } = axios.CancelToken.source();
  void arrival.then(() => cancel('mine'));
  return token;
}
