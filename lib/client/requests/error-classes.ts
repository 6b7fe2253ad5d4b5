import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { axios } from '../../http/axios.js';
import type { AxiosLike } from './axios-like.js';

/** The prototypes of the errors of one copy of Axios. */
interface ErrorPrototypes {
  readonly axiosError: object;
  readonly canceledError: object;
}

/** Those of other copies than ours, by the `AxiosHeaders` of the copy: every request that reaches an adapter has one. */
const prototypes = new WeakMap<object, Promise<ErrorPrototypes | undefined>>();

/** As much of an instance as makes another one of its copy of Axios. */
interface Creating {
  readonly create?: (config: object) => { readonly request?: (config: object) => Promise<unknown> };
}

const ours = new axios.Axios().interceptors.request.constructor;

/**
 * Learns the error classes of an instance's copy of Axios: an application may hold an ES module, a CommonJS one, and
 * other versions. No copy gives its classes away with an instance, so a request that is cancelled before it is sent shows
 * them.
 */
export function learnErrorClasses(instance: AxiosLike): void {
  if (instance.interceptors.request.constructor === ours) return;
  const { create } = instance as unknown as Creating;
  const controller = new AbortController();
  const nothing: unknown[] = [];
  const adapter = (config: InternalAxiosRequestConfig): ReturnType<AxiosAdapter> => {
    prototypes.set(config.headers.constructor, learned);
    controller.abort();
    return Promise.resolve({ data: '', status: 200, statusText: '', headers: {}, config });
  };
  const { signal } = controller;
  const learned: Promise<ErrorPrototypes | undefined> = Promise.resolve()
    .then(() => create?.({}).request?.({ adapter, signal, transformRequest: nothing, transformResponse: nothing }))
    .then(() => undefined, prototypesOf);
}

function prototypesOf(cancelled: unknown): ErrorPrototypes | undefined {
  if (!axios.isCancel(cancelled)) return undefined;
  const canceledError = Object.getPrototypeOf(cancelled) as object;
  const axiosError = Object.getPrototypeOf(canceledError) as object;
  return axiosError === Error.prototype ? undefined : { axiosError, canceledError };
}

/** An error of our copy of Axios as one of the copy that made the request. Any other error is left as it is. */
export async function inClassOf({ headers }: InternalAxiosRequestConfig, error: unknown): Promise<unknown> {
  const known = error instanceof axios.AxiosError ? await prototypes.get(headers.constructor) : undefined;
  if (!known) return error;
  const { axiosError, canceledError } = known;
  return Object.setPrototypeOf(error, error instanceof axios.CanceledError ? canceledError : axiosError) as unknown;
}
