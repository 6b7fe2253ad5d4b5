import { describe, expect, it } from '@jest/globals';
import type { M2MCaller } from '../../../../lib/caller/m2m-caller.js';
import { attachCaller, type M2MRequest } from '../../../../lib/resource-server/transports/m2m-request.js';

const caller = { clientId: 'orders' } as M2MCaller;
const requestWith = (fields: object): M2MRequest => Object.assign({ headers: {} }, fields);

describe('attachCaller', () => {
  it('sets m2m and user, as ordinary fields of the request itself', () => {
    for (const prototype of [Object.prototype, null, Object.freeze({ app: {} })]) {
      const request = Object.assign(Object.create(prototype) as M2MRequest, { headers: {} });
      attachCaller(request, caller);
      const field = { value: caller, writable: true, enumerable: true, configurable: true };
      expect(Object.getOwnPropertyDescriptor(request, 'm2m')).toEqual(field);
      expect(Object.getOwnPropertyDescriptor(request, 'user')).toEqual(field);
    }
  });

  it('sets no user if there is one already', () => {
    const request = requestWith({ user: 'alice' });
    attachCaller(request, caller);
    expect(request).toEqual({ headers: {}, m2m: caller, user: 'alice' });
  });

  it('takes null for no user', () => {
    const request = requestWith({ user: null });
    attachCaller(request, caller);
    expect(request.user).toBe(caller);
  });

  it('sets m2m alone, to undefined, if a user was let in', () => {
    const request = requestWith({ m2m: caller });
    attachCaller(request, undefined);
    expect([request.m2m, Object.hasOwn(request, 'user')]).toEqual([undefined, false]);
  });

  it('adds no field if there is no caller', () => {
    const request = requestWith({});
    attachCaller(request, undefined);
    expect(Object.keys(request)).toEqual(['headers']);
  });

  it('leaves a field alone that can only be read', () => {
    const request = Object.create(Object.defineProperty({}, 'user', { get: () => undefined })) as M2MRequest;
    attachCaller(request, caller);
    expect([request.m2m, request.user]).toEqual([caller, undefined]);
  });

  it('passes on what a setter of the application throws', () => {
    const thrown = new RangeError('the application says so');
    const request = Object.defineProperty(requestWith({}), 'm2m', {
      set: () => {
        throw thrown;
      },
    });
    expect(() => attachCaller(request, caller)).toThrow(thrown);
  });
});
