import { HttpService } from '@nestjs/axios';
import { AxiosError, getAdapter, type AxiosInstance } from 'axios';
import { buildKeyGenerator, setupCache, type AxiosStorage } from 'axios-cache-interceptor';
import { isM2MError, type M2MClientService } from '../../../../lib/index.js';

/** Adds a cache, and then the tokens, to an Axios instance of your own. */
export function cachedCalls(http: AxiosInstance, m2m: M2MClientService, client: string, storage?: AxiosStorage) {
  // 1. The cache, with a key for each token. `client` is for a storage that services share.
  const keyOf = buildKeyGenerator((request, vary) =>
    JSON.stringify([client, request.method, http.getUri(request), request.m2m, vary]),
  );
  setupCache(http, { storage, generateKey: keyOf });

  // 2. AxiosErrors for the cache, which never ends a request that fails with another error, and M2MErrors for callers.
  http.interceptors.request.use((config) => {
    const send = getAdapter(config.adapter);
    config.adapter = (request) =>
      send(request).catch((error) => {
        throw isM2MError(error) ? AxiosError.from(error, error.code, request) : error;
      });
    return config;
  });
  http.interceptors.response.use(null, (error: Error) => {
    throw isM2MError(error.cause) ? error.cause : error;
  });

  // 3. The tokens, last: Axios runs the interceptor first that was added last.
  m2m.attach(http);
  return new HttpService(http);
}
