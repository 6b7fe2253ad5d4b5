import { AsyncLocalStorage } from 'node:async_hooks';

/** The inbound request that code runs for; what it keeps of that request is the matter of `caller/`. */
const storage = new AsyncLocalStorage<object | undefined>();

/** Runs a function, and everything that it starts, for an inbound request. */
export function runInRequest<T>(request: object, run: () => T): T {
  return storage.run(request, run);
}

/** The inbound request that the code that calls runs for; `undefined` if it runs for none. */
export function currentRequest(): object | undefined {
  return storage.getStore();
}

/**
 * Runs a function, and everything that it starts, for no request: what many requests share must not act for the one that
 * happened to start it.
 */
export function runOutsideRequests<T>(run: () => T): T {
  // Without a request there is nothing to leave, and the first `run` of a process makes all promises slower.
  return storage.getStore() === undefined ? run() : storage.run(undefined, run);
}
