import type { AxiosResponse } from 'axios';
import type { M2MRejectedWhen, M2MTargetAnswer } from '../../options/client-options.js';
import type { Clock } from '../../time/clock.js';
import { callbackOutcome } from '../../time/callback.js';

/** Milliseconds that the function may take. */
const TIMEOUT = 1000;
/** Bytes of a body that the function sees. */
const MOST_BYTES = 64 * 1024;

/**
 * Asks the function `rejectedWhen` about an answer.
 *
 * @param failed called if the function fails; of what it threw only the class is named
 * @returns `undefined` if the function fails
 */
export async function askRejectedWhen(
  rejectedWhen: M2MRejectedWhen,
  response: AxiosResponse,
  clock: Clock,
  failed: (how: string) => void,
): Promise<boolean | undefined> {
  const outcome = await callbackOutcome<unknown>(() => rejectedWhen(answerOf(response)), TIMEOUT, clock);
  if (outcome?.failure !== undefined) {
    failed(`failed with ${outcome.failure}`);
    return undefined;
  }
  const rejects = outcome?.value;
  if (typeof rejects === 'boolean') return rejects;
  failed(rejects === undefined ? `gave no answer within ${TIMEOUT} ms` : `returned a ${typeof rejects}`);
  return undefined;
}

/** What the function sees of a response. Mocks return headers in any case, and bodies that are parsed already. */
function answerOf({ status, headers, data }: AxiosResponse): M2MTargetAnswer {
  const entries = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), [value].flat().join(', ')]);
  return { status, headers: Object.fromEntries(entries) as Record<string, string>, text: () => textOf(data) };
}

function textOf(data: unknown): string | undefined {
  if (data === undefined || data === null) return '';
  if (typeof data === 'string') return new TextDecoder().decode(Buffer.from(data).subarray(0, MOST_BYTES));
  if (data instanceof ArrayBuffer) return textOf(new Uint8Array(data));
  if (ArrayBuffer.isView(data)) {
    return new TextDecoder().decode(
      new Uint8Array(data.buffer, data.byteOffset, Math.min(data.byteLength, MOST_BYTES)),
    );
  }
  const isParsed = Array.isArray(data) || Object.getPrototypeOf(data) === Object.prototype;
  return isParsed ? textOf(JSON.stringify(data)) : undefined;
}
