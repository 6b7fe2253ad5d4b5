import type { UpstreamRequest, UpstreamResponse } from '../../lib/http/authorization-server-http.js';
import { UpstreamError } from '../../lib/http/upstream.error.js';
import type { TestClock } from '../../lib/testing/test-clock.js';

/** What a token endpoint does with a request. */
export interface Step {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Milliseconds until it answers. @default 0 */
  readonly delay?: number;
  /** The connection breaks. */
  readonly broken?: boolean;
  readonly redirected?: boolean;
}

/** A token endpoint on the injected clock: no sockets, so that what happens when is exact. */
export class ScriptedUpstream {
  /** When requests came, and with what. */
  readonly requests: { readonly at: number; readonly body: URLSearchParams; readonly headers: Headers }[] = [];

  constructor(
    private readonly clock: TestClock,
    public answer: (count: number, body: URLSearchParams) => Step = (count) => granted(`t${count}`),
  ) {}

  get times(): number[] {
    return this.requests.map(({ at }) => at);
  }

  async request({ url, body = '', headers, timeout }: UpstreamRequest): Promise<UpstreamResponse> {
    const form = new URLSearchParams(body);
    this.requests.push({ at: this.clock.monotonic(), body: form, headers: new Headers({ ...headers }) });
    const {
      status = 200,
      body: answer,
      headers: sent = {},
      delay = 0,
      broken,
      redirected,
    } = this.answer(this.requests.length, form);
    const wait = Math.min(delay, timeout);
    if (wait > 0) await new Promise<void>((resolve) => this.clock.after(wait, resolve));
    if (delay > timeout) throw new UpstreamError('timeout', `POST ${url} did not finish in ${timeout} ms`);
    if (broken) throw new UpstreamError('network', `POST ${url} failed: ECONNREFUSED`);
    if (redirected) throw new UpstreamError('redirect', `POST ${url} answered 302; redirects are not followed`);
    return { status, headers: sent, body: Buffer.from(JSON.stringify(answer ?? null)) };
  }
}

/** @param seconds the token's lifetime */
export function granted(value: string, seconds = 60): Step {
  return { body: { access_token: value, token_type: 'Bearer', expires_in: seconds } };
}

export function refused(status: number, error?: string, headers?: Record<string, string>): Step {
  return { status, body: error === undefined ? {} : { error }, ...(headers && { headers }) };
}

/** Lets time pass until a promise is settled. @param step milliseconds */
export async function passing<T>(clock: TestClock, promise: Promise<T>, step = 10): Promise<PromiseSettledResult<T>> {
  const settled: PromiseSettledResult<T>[] = [];
  void Promise.allSettled([promise]).then((results) => settled.push(...results));
  await clock.advance(0);
  for (let steps = 0; settled.length === 0 && steps < 100_000; steps++) await clock.advance(step);
  const [result] = settled;
  if (!result) throw new Error('time passes, but nothing comes of it');
  return result;
}
