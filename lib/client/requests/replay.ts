import { Readable } from 'node:stream';
import type { InternalAxiosRequestConfig } from 'axios';

/** Whether a request can be sent once more. A stream is used up. */
export function isReplayable({ data }: InternalAxiosRequestConfig): boolean {
  const body: unknown = data;
  return typeof body !== 'object' || body === null || !('pipe' in body || Symbol.asyncIterator in body);
}

/** Closes the body of a response that nobody gets. The http adapter's streams are Node's, the fetch adapter's the web's. */
export function discard(data: unknown): void {
  if (data instanceof Readable) data.destroy();
  if (data instanceof ReadableStream) data.cancel().catch(() => undefined);
}
