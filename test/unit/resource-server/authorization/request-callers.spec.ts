import { describe, expect, it } from '@jest/globals';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { M2MCaller } from '../../../../lib/caller/m2m-caller.js';
import { keepCaller, keptCaller } from '../../../../lib/resource-server/authorization/request-callers.js';

const caller = { clientId: 'orders' } as M2MCaller;

describe('the caller of a request', () => {
  it('is the one that was kept by any argument of the handler', () => {
    const request = {};
    keepCaller(request, caller);
    expect(keptCaller(new ExecutionContextHost([request, {}]))).toEqual({ request, caller });
    expect(keptCaller(new ExecutionContextHost(['text', undefined, 7, request]))).toEqual({ request, caller });
  });

  it('is undefined for a user, and absent if no guard has decided', () => {
    const request = {};
    keepCaller(request, undefined);
    expect(keptCaller(new ExecutionContextHost([request]))).toEqual({ request, caller: undefined });
    expect(keptCaller(new ExecutionContextHost([{}, undefined, 'text']))).toBeUndefined();
  });

  it('is none that a sender has written into what it sends', () => {
    const data = { m2m: caller, user: caller };
    expect(keptCaller(new ExecutionContextHost([data, { data }]))).toBeUndefined();
  });
});
