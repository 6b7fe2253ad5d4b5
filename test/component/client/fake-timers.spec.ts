import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { TokenManager } from '../../../lib/client/tokens/token-manager.js';
import { asking } from '../../support/client-token-manager.js';
import { json } from '../../support/http-server.js';
import { ScriptedTokenEndpoint, tokenResponse } from '../../support/scripted-token-endpoint.js';

const endpoint = new ScriptedTokenEndpoint();
const parameters = asking();

afterEach(() => void jest.useRealTimers());

describe.each<[string, Parameters<typeof jest.useFakeTimers>[0]]>([
  ['modern ones', {}],
  ['ones that advance', { advanceTimers: true }],
  ['ones that leave the timers of Node alone', { doNotFake: ['nextTick', 'setImmediate'] }],
])('under fake timers of Jest, %s', (_name, options) => {
  let manager: TokenManager;
  let left: Promise<unknown>;

  it('a test may leave a call whose token request hangs', async () => {
    endpoint.answer = () => undefined;
    ({ manager } = endpoint.manager({ retry: { attempts: 2 }, timeout: 1200 }));
    jest.useFakeTimers(options);
    left = manager.getAccessToken(parameters).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(manager.stats().waits).toBe(1);
  });

  it('that call ends, and gets the token of a second attempt in a later test with real timers', async () => {
    await expect(manager.getAccessToken(parameters)).resolves.toMatchObject({
      value: expect.stringContaining('token'),
    });
    expect(await left).toMatchObject({ value: expect.stringContaining('token') });
  });

  it('the pauses between attempts end', async () => {
    endpoint.answer = (_request, response) =>
      endpoint.count < 3 ? json(response, 503, {}) : json(response, 200, tokenResponse('third'));
    const made = endpoint.manager({ retry: { attempts: 3, delay: 1 } });
    jest.useFakeTimers(options);
    await expect(made.manager.getAccessToken(parameters)).resolves.toMatchObject({ value: 'third' });
  });

  it('a token expires when the clock of the test says so', async () => {
    jest.useFakeTimers(options);
    const made = endpoint.manager();
    await expect(made.manager.getAccessToken(parameters)).resolves.toMatchObject({ value: 'token-1' });
    jest.setSystemTime(Date.now() + 61_000);
    await expect(made.manager.getAccessToken(parameters)).resolves.toMatchObject({ value: 'token-2' });
  });

  it('an application shuts down, although a call is under way', async () => {
    endpoint.answer = () => undefined;
    const made = endpoint.manager({ timeout: 300 });
    jest.useFakeTimers(options);
    const call = made.manager.getAccessToken(parameters).catch((error: unknown) => error);
    await made.manager.close();
    expect(await call).toMatchObject({ code: 'ERR_M2M_TOKEN_ENDPOINT' });
  });
});
