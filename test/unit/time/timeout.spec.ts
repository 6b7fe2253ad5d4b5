import { expect, it } from '@jest/globals';
import { abortable } from '../../../lib/time/timeout.js';

const reason = new Error('enough');

it.each([undefined, new AbortController().signal])('gives what the promise gives', async (signal) => {
  await expect(abortable(Promise.resolve(1), signal)).resolves.toBe(1);
  await expect(abortable(Promise.reject(reason), signal)).rejects.toBe(reason);
});

it('ends with the signal’s reason, before and while it waits', async () => {
  const controller = new AbortController();
  const waiting = abortable(new Promise(() => undefined), controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  // A promise that fails when nobody waits any more is nobody's unhandled rejection.
  await expect(abortable(Promise.reject(new Error('late')), AbortSignal.abort(reason))).rejects.toBe(reason);
});
