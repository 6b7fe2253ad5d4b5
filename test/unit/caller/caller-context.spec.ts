import { describe, expect, it } from '@jest/globals';
import { CallerContext, currentCallerToken } from '../../../lib/caller/caller-context.js';
import { presentCallerToken } from '../../../lib/caller/caller-token.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { NoCallerTokenError } from '../../../lib/errors/no-caller-token.error.js';
import { runInRequest } from '../../../lib/request-context/request-context.js';

const accepted = (value: string) => ({ value, admit: async () => ({ claims: {} }) as M2MCaller });

describe('the context of a request’s caller', () => {
  it('has the handle of the token that a guard accepted, for code that runs for the request', async () => {
    const context = new CallerContext();
    expect(runInRequest(context, currentCallerToken)).toBeUndefined();
    context.fill(accepted('a-token'));
    const handle = runInRequest(context, currentCallerToken);
    expect((await presentCallerToken(handle!)).value).toBe('a-token');
    expect(currentCallerToken()).toBeUndefined();
  });

  it('has none after the request has ended, and takes none any more', async () => {
    const context = new CallerContext();
    context.fill(accepted('a-token'));
    const handle = context.token!;
    context.erase();
    context.fill(accepted('a-late-token'));
    expect(context.token).toBeUndefined();
    await expect(presentCallerToken(handle)).rejects.toThrow(NoCallerTokenError);
  });

  it('has the token of the last guard alone', async () => {
    const context = new CallerContext();
    context.fill(accepted('first'));
    const first = context.token!;
    context.fill(accepted('second'));
    await expect(presentCallerToken(first)).rejects.toThrow(NoCallerTokenError);
    expect((await presentCallerToken(context.token!)).value).toBe('second');
  });
});
