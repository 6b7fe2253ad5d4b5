import type { AxiosInstance } from 'axios';
import { axios } from '../../http/axios.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import { isObject } from '../../validation/checks.js';

/** The URL that all requests to a target lie under. */
export function baseUrlOf({ origin, path }: ResolvedTarget): string {
  return origin + path;
}

/**
 * A new Axios instance for requests to targets, without the credentials among Axios's defaults: an application gives
 * those to other services, and they would replace the token.
 *
 * @param target its URL is the base URL
 */
export function createInstance(target: ResolvedTarget | undefined): AxiosInstance {
  const instance = axios.create(target && { baseURL: baseUrlOf(target) });
  const { defaults } = instance;
  delete defaults.auth;
  const groups: readonly unknown[] = [defaults.headers, ...Object.values(defaults.headers)];
  for (const headers of groups.filter(isObject)) {
    for (const name of Object.keys(headers)) if (name.toLowerCase() === 'authorization') delete headers[name];
  }
  return instance;
}
