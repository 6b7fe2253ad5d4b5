import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { lastValueFrom, NEVER, of, retry, throwError, type Observable } from 'rxjs';
import { openCallerToken, presentCallerToken, type CallerToken } from '../../../../lib/caller/caller-token.js';
import { openCallerContext } from '../../../../lib/resource-server/caller-contexts/caller-contexts.js';
import { HandlerCountInterceptor } from '../../../../lib/resource-server/caller-contexts/handler-count.interceptor.js';
import { TestClock } from '../../../../lib/testing/test-clock.js';
import { callerOf } from '../../../support/caller.js';

const interceptor = new HandlerCountInterceptor();

/** What Nest tells of a handler. */
function execution(type: string, ...args: readonly unknown[]): ExecutionContext {
  const context = { getType: () => type, getArgs: () => args, getArgByIndex: (index: number) => args[index] };
  return context as unknown as ExecutionContext;
}

const accepted = () => ({ value: 'a-token', admit: () => Promise.resolve(callerOf()) });

/** A request with a token, and what a handler brings for it. */
function handled(result: () => Observable<unknown>) {
  const request = { headers: {} };
  const context = openCallerContext(request);
  context.fill(accepted());
  const handling = interceptor.intercept(execution('http', request), { handle: result });
  return { context, handling, close: () => context.close(new TestClock()) };
}

const isOpen = (token: CallerToken): Promise<boolean> =>
  presentCallerToken(token).then(
    () => true,
    () => false,
  );

describe('the count of handlers that run', () => {
  it('keeps the token until a handler has settled, though the response is closed (claim 9.3)', async () => {
    const { context, handling, close } = handled(() => NEVER);
    const subscription = handling.subscribe();
    close();
    const token = context.token ?? openCallerToken({ value: '', admit: () => Promise.reject(new Error('none')) });
    expect(await isOpen(token)).toBe(true);
    subscription.unsubscribe();
    expect(await isOpen(token)).toBe(false);
  });

  it.each([
    ['returns', () => of('it')],
    ['throws', () => throwError(() => new Error('mine'))],
  ])('ends when a handler %s', async (_, result) => {
    const { context, handling, close } = handled(result);
    await lastValueFrom(handling).catch(() => undefined);
    expect(context.token).toBeDefined();
    close();
    expect(context.token).toBeUndefined();
  });

  it('begins anew each time that another interceptor runs the handler once more (claim 9.3)', async () => {
    let runs = 0;
    const { context, handling, close } = handled(() => (++runs < 3 ? throwError(() => new Error('again')) : of('it')));
    expect(await lastValueFrom(handling.pipe(retry(2)))).toBe('it');
    close();
    expect(context.token).toBeUndefined();
  });

  it('is not begun for a handler that another interceptor does not run (claim 9.3)', () => {
    const { context, close } = handled(() => NEVER);
    close();
    expect(context.token).toBeUndefined();
  });

  it('leaves handlers alone whose request has no context, or that have none', async () => {
    const others = [
      execution('http', { headers: {} }),
      execution('rpc', 'a message'),
      execution('rpc', undefined),
      execution('ws', {}, 'data'),
      execution('graphql', undefined, {}, undefined, undefined),
    ];
    for (const each of others) {
      expect(await lastValueFrom(interceptor.intercept(each, { handle: () => of('it') }))).toBe('it');
    }
  });
});
