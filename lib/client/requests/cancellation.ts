import type { InternalAxiosRequestConfig } from 'axios';
import { axios } from '../../http/axios.js';
import { sanitizeConfig } from './sanitize-config.js';

/**
 * Stops before a request that was cancelled meanwhile is sent. An adapter would send it, although nobody waits for the
 * response.
 *
 * @throws CanceledError
 */
export function throwIfCancelled(config: InternalAxiosRequestConfig): void {
  if (config.signal?.aborted) throw new axios.CanceledError(undefined, sanitizeConfig(config));
  config.cancelToken?.throwIfRequested();
}
