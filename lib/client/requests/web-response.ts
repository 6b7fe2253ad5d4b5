import { Readable } from 'node:stream';
import type { AxiosResponse } from 'axios';
import type { SentRequest } from './sanitize.js';

/** `fetch` allows a response no body with these. */
const STATUSES_WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Axios's response as `fetch` gives it.
 *
 * @param url where the request was sent
 * @param signal ends the request, and the reading of its response
 * @throws TypeError for a status that a `Response` cannot have
 */
export function toWebResponse(
  { status, statusText, headers, data, request }: AxiosResponse<Readable>,
  url: string,
  signal: AbortSignal,
): Response {
  if (status < 200 || status > 599) {
    data.destroy();
    throw new TypeError('fetch failed', { cause: new Error(`the target answered with status ${status}`) });
  }
  const isEmpty = STATUSES_WITHOUT_BODY.has(status);
  if (isEmpty) data.resume();
  const response = new Response(isEmpty ? null : webBody(data, signal), { status, statusText });
  for (const [name, value] of Object.entries(headers)) {
    for (const one of [value].flat()) response.headers.append(name, String(one));
  }
  const requested = withoutFragment(url);
  // An adapter that follows no redirect does not note where the response came from.
  const { responseUrl = requested } = (request as Partial<SentRequest>).res ?? {};
  const answered = withoutFragment(responseUrl);
  return Object.defineProperties(response, { url: { value: answered }, redirected: { value: answered !== requested } });
}

/** The bytes of a stream. It fails as the body of a `fetch` does: with the signal's reason, else with a TypeError. */
function webBody(data: Readable, signal: AbortSignal): ReadableStream<Uint8Array> {
  const reader = (Readable.toWeb(data) as ReadableStream<Uint8Array>).getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read().catch((error: unknown) => {
          throw signal.aborted ? signal.reason : new TypeError('terminated', { cause: error });
        });
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/s, '');
}
