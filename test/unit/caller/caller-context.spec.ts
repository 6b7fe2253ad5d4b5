import { describe, expect, it } from '@jest/globals';
import { CallerContext, currentCallerToken } from '../../../lib/caller/caller-context.js';
import { presentCallerToken } from '../../../lib/caller/caller-token.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { NoCallerTokenError } from '../../../lib/errors/no-caller-token.error.js';
import { runInRequest } from '../../../lib/request-context/request-context.js';
import { TestClock } from '../../../lib/testing/test-clock.js';

/** A clock that counts the timers that were begun and not cancelled, and those begun at all. */
class CountingClock extends TestClock {
  begun = 0;
  waiting = 0;

  override after(delay: number, callback: () => void): () => void {
    this.begun += 1;
    this.waiting += 1;
    const cancel = super.after(delay, callback);
    return () => {
      this.waiting -= 1;
      cancel();
    };
  }
}

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

  it('keeps its handle for another handler of the same request, and drops it for somebody without a token', async () => {
    const context = new CallerContext();
    context.fill(accepted('a-token'));
    const handle = context.token;
    context.fill(accepted('a-token'));
    expect(context.token).toBe(handle);
    context.fill(undefined);
    expect(context.token).toBeUndefined();
    await expect(presentCallerToken(handle!)).rejects.toThrow(NoCallerTokenError);
  });

  it('ends at once if no handler runs when the response is closed, without a timer', async () => {
    const clock = new CountingClock();
    const context = new CallerContext();
    context.fill(accepted('a-token'));
    const handle = context.token!;
    context.handlerBegins();
    context.handlerSettles();
    expect(context.token).toBe(handle);
    context.close(clock);
    expect(context.token).toBeUndefined();
    await expect(presentCallerToken(handle)).rejects.toThrow(NoCallerTokenError);
    expect(clock.begun).toBe(0);
  });

  it('has one timer, however often it is told that the response is closed, and none once its handlers have settled', () => {
    const clock = new CountingClock();
    const context = new CallerContext();
    context.handlerBegins();
    context.close(clock);
    context.close(clock);
    expect([clock.begun, clock.waiting]).toEqual([1, 1]);
    context.handlerSettles();
    expect(clock.waiting).toBe(0);
    context.handlerBegins();
    context.close(clock);
    expect(clock.begun).toBe(1);
  });

  it('ends with the last of its handlers if the response is closed before, and after 60 s in any case', async () => {
    const clock = new TestClock();
    const context = new CallerContext();
    context.fill(accepted('a-token'));
    context.handlerBegins();
    context.handlerBegins();
    context.close(clock);
    context.handlerSettles();
    expect(context.token).toBeDefined();
    context.handlerSettles();
    expect(context.token).toBeUndefined();

    const endless = new CallerContext();
    endless.fill(accepted('a-token'));
    endless.handlerBegins();
    endless.close(clock);
    await clock.advance(59_999);
    expect(endless.token).toBeDefined();
    await clock.advance(1);
    expect(endless.token).toBeUndefined();
  });
});
