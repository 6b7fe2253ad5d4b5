import type { M2MCaller } from '../../caller/m2m-caller.js';
import type { M2MRequest } from './m2m-request.js';

/** Who is calling, by the request; `undefined` where `M2MGuard.or` let a user in. */
const callers = new WeakMap<object, M2MCaller | undefined>();
/** What else was set as the user of a request. */
const users = new WeakMap<object, unknown>();
/** Whether `m2m` and `user` of a request with this prototype are kept above, and not in the request. */
const isKeptAside = new WeakMap<object, boolean>();

const fields: PropertyDescriptorMap & ThisType<object> = {
  m2m: {
    get() {
      return callers.get(this);
    },
    set(caller: M2MCaller | undefined) {
      callers.set(this, caller);
    },
    configurable: true,
  },
  user: {
    get() {
      return users.has(this) ? users.get(this) : callers.get(this);
    },
    set(user: unknown) {
      users.set(this, user);
    },
    configurable: true,
  },
};

/** Says who is calling: as `request.m2m`, and as `request.user` unless something else has set that. */
export function putCaller(request: M2MRequest, caller: M2MCaller | undefined): void {
  const prototype = (Object.getPrototypeOf(request) ?? Object.prototype) as object;
  const isAside = isKeptAside.get(prototype);
  if (isAside) {
    callers.set(request, caller);
    // Middleware that sets null means that there is no user yet.
    if (caller && users.has(request) && isUnset(users.get(request))) users.delete(request);
    return;
  }
  if (isAside === undefined) isKeptAside.set(prototype, keepAside(prototype));
  try {
    request.m2m = caller;
    if (caller) request.user ??= caller;
  } catch (error) {
    // The application has declared a field that can only be read. Reflect.set would not throw, and takes thrice as long.
    if (!(error instanceof TypeError)) throw error;
  }
}

function isUnset(user: unknown): boolean {
  return user === undefined || user === null;
}

/** Whether a guard has said who is calling. */
export function wasJudged(request: M2MRequest): boolean {
  return callers.has(request) || Object.hasOwn(request, 'm2m');
}

/**
 * Declares the fields on Express's `app.request`, which is there for what applications add to its requests. Properties
 * of the requests themselves would cost more than all that the guard decides: Express changes the prototype of every
 * request, and V8 then makes a hidden class for each property that is added to that one request.
 *
 * @see {@link https://expressjs.com/en/guide/overriding-express-api.html Overriding the Express API}
 */
function keepAside(prototype: object): boolean {
  const { app } = prototype as { readonly app?: { readonly request?: unknown } };
  const isOfExpress = app?.request === prototype && Object.isExtensible(prototype);
  if (!isOfExpress || 'm2m' in prototype || 'user' in prototype) return false;
  Object.defineProperties(prototype, fields);
  return true;
}
