import type { AxiosInstance } from 'axios';
import { axios } from '../../http/axios.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import { instanceDefaults } from './instance-defaults.js';

/**
 * A new Axios instance for requests to targets. It has none of the defaults and interceptors that an application gives
 * to Axios.
 *
 * @param target its URL is the base URL
 */
export function createInstance(target: Pick<ResolvedTarget, 'baseUrl'> | undefined): AxiosInstance {
  const instance = axios.create();
  // In place: Axios sends with this very object, and makes further instances of it.
  const defaults: object = instance.defaults;
  for (const name of Object.keys(defaults)) Reflect.deleteProperty(defaults, name);
  Object.assign(defaults, instanceDefaults(target?.baseUrl));
  return instance;
}
