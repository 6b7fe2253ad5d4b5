import { expect, it } from '@jest/globals';
import { AxiosHeaders } from 'axios';
import { throwIfCancelled } from '../../../../lib/client/requests/request-deadline.js';
import { axios } from '../../../../lib/http/axios.js';

const headers = new AxiosHeaders();

it('throwIfCancelled lets a request pass that nobody cancelled', () => {
  const { signal } = new AbortController();
  expect(() => throwIfCancelled({ headers, signal, cancelToken: axios.CancelToken.source().token })).not.toThrow();
});

it("throwIfCancelled throws Axios's error for an aborted signal and for a cancelled token", () => {
  const source = axios.CancelToken.source();
  source.cancel('enough');
  for (const config of [
    { headers, signal: AbortSignal.abort() },
    { headers, cancelToken: source.token },
  ]) {
    expect(() => throwIfCancelled(config)).toThrow(expect.objectContaining({ code: 'ERR_CANCELED' }));
  }
});
