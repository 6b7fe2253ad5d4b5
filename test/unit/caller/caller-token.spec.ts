import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  eraseCallerToken,
  isCallerToken,
  openCallerToken,
  presentCallerToken,
} from '../../../lib/caller/caller-token.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { InvalidTokenError } from '../../../lib/errors/invalid-token.error.js';
import { NoCallerTokenError } from '../../../lib/errors/no-caller-token.error.js';

const VALUE = 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln';
const caller = (claims: Readonly<Record<string, unknown>> = {}) => ({ clientId: 'orders', claims }) as M2MCaller;
const open = (admit = async (): Promise<M2MCaller> => caller()) => openCallerToken({ value: VALUE, admit });

describe('a handle of a caller’s token', () => {
  it('prints as [token], however it is printed, and has no member that leads to the token', () => {
    const handle = open();
    const printed = [String(handle), JSON.stringify({ handle }), inspect(handle, { showHidden: true })];
    expect(printed).toEqual(['[token]', '{"handle":"[token]"}', '[token]']);
    expect(inspect({ handle }, { customInspect: false, showHidden: true, getters: true, depth: 9 })).not.toContain(
      VALUE,
    );
    expect(Reflect.ownKeys(handle)).toEqual([]);
    expect(Object.isFrozen(handle)).toBe(true);
  });

  it('stands for the token, which is let in once more each time', async () => {
    let admissions = 0;
    const who = caller();
    const handle = open(async () => (admissions++, who));
    expect(await presentCallerToken(handle)).toEqual({ value: VALUE, caller: who });
    await presentCallerToken(handle);
    expect(admissions).toBe(2);
  });

  it('is of no use after it was erased, also if that happens while the token is let in', async () => {
    const handle = open();
    eraseCallerToken(handle);
    await expect(presentCallerToken(handle)).rejects.toThrow(NoCallerTokenError);
    const late = openCallerToken({ value: VALUE, admit: async () => (eraseCallerToken(late), caller()) });
    await expect(presentCallerToken(late)).rejects.toThrow('the request that the token came with has ended');
  });

  it('is another one for each request, also of one token', async () => {
    const [first, second] = [open(), open()];
    eraseCallerToken(first);
    expect((await presentCallerToken(second)).value).toBe(VALUE);
  });

  it('is of no use if the token is accepted no longer, with the reason as the cause', async () => {
    const cause = new InvalidTokenError('expired', 'it expired');
    const handle = open(() => Promise.reject(cause));
    await expect(presentCallerToken(handle)).rejects.toMatchObject({ code: 'ERR_M2M_NO_CALLER_TOKEN', cause });
  });

  it('is of no use for a token that is bound to a key', async () => {
    const handle = open(async () => caller({ cnf: { jkt: 'thumbprint' } }));
    await expect(presentCallerToken(handle)).rejects.toThrow(/bound to a key/);
  });

  it('is known from what only looks like it', () => {
    expect(isCallerToken(open())).toBe(true);
    const forged: unknown[] = [
      VALUE,
      undefined,
      {},
      { toString: () => '[token]', [Symbol.toStringTag]: 'CallerToken' },
    ];
    expect(forged.some(isCallerToken)).toBe(false);
  });
});
