import { executionAsyncResource } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { currentRequest, runInRequest, runOutsideRequests } from '../../../lib/request-context/request-context.js';

describe('the request context', () => {
  it('is that of the request in what it starts, and nothing after it', async () => {
    const request = {};
    const later = runInRequest(request, async () => {
      await Promise.resolve();
      return currentRequest();
    });
    expect(currentRequest()).toBeUndefined();
    expect(await later).toBe(request);
  });

  it('is left by what runs outside of requests, and by all that this starts', async () => {
    const request = {};
    const [outside, after] = runInRequest(request, () => {
      const started = runOutsideRequests(async () => {
        await Promise.resolve();
        return currentRequest();
      });
      return [started, currentRequest()] as const;
    });
    expect(await outside).toBeUndefined();
    expect(after).toBe(request);
  });

  it('costs nothing outside of requests: no context is opened', () => {
    const resource = executionAsyncResource();
    expect(runOutsideRequests(() => executionAsyncResource())).toBe(resource);
  });
});
