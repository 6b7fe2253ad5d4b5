import type { AxiosRequestConfig, RawAxiosRequestHeaders } from 'axios';
import { axios } from '../../http/axios.js';
import { transformRequest, transformResponse } from './data-transformers.js';

const OF_ALL_VERSIONS = ['get', 'delete', 'head', 'post', 'put', 'patch'];
// An older version would send a header of such a name.
const OF_NEWER_VERSIONS = ['options', 'purge', 'link', 'unlink', 'query'].filter((method) =>
  Object.hasOwn(axios.defaults.headers, method),
);
/** The methods for which Axios has headers of their own. */
const METHODS = [...OF_ALL_VERSIONS, ...OF_NEWER_VERSIONS];

/**
 * The defaults of an instance that is made here: the values that Axios ships with. Axios keeps no pristine copy of
 * them, and an application changes `axios.defaults` for other services: agents, proxies, headers and transformers of
 * theirs must not reach a request that carries a token.
 *
 * @param baseURL of the instance
 */
export function instanceDefaults(baseURL: string | undefined): AxiosRequestConfig {
  const headers: Record<string, RawAxiosRequestHeaders> = Object.fromEntries(METHODS.map((method) => [method, {}]));
  headers['common'] = { Accept: 'application/json, text/plain, */*', 'Content-Type': undefined };
  return {
    baseURL,
    adapter: 'http',
    // Without those of newer versions: older ones refuse what they do not know, and left out they mean the same.
    transitional: {
      silentJSONParsing: true,
      forcedJSONParsing: true,
      clarifyTimeoutError: false,
      legacyInterceptorReqResOrdering: true,
    },
    transformRequest: [transformRequest],
    transformResponse: [transformResponse],
    timeout: 0,
    xsrfCookieName: 'XSRF-TOKEN',
    xsrfHeaderName: 'X-XSRF-TOKEN',
    maxContentLength: -1,
    maxBodyLength: -1,
    validateStatus: (status) => status >= 200 && status < 300,
    headers: headers as AxiosRequestConfig['headers'],
  };
}
