import type { Agent as HttpsAgent } from 'node:https';
import type { AxiosResponse } from 'axios';
import type { Clock } from '../time/clock.js';
import type { M2MHttpOptions } from './http-options.js';
import { memberOf } from '../validation/checks.js';
import { axios } from './axios.js';
import { type RequestAgents, useDirectAgents } from './direct-agents.js';
import { presentsCertificate } from './client-certificate.js';
import { isConfidential, isLoopback } from './loopback.js';
import { printableUrl } from './printable-url.js';
import { UpstreamError } from './upstream.error.js';

const MAX_BYTES = 512 * 1024;

export interface UpstreamRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds from the first byte sent to the last byte read. */
  readonly timeout: number;
  /** In place of the configured agent, for a client certificate. */
  readonly httpsAgent?: HttpsAgent | undefined;
}

export interface UpstreamResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * The one way to an authorization server: a deadline for the whole answer, a cap on its size, no redirects, no plain HTTP
 * but on loopback and to the origins that an option allows.
 */
export class AuthorizationServerHttp {
  /** Without the defaults that an application gives to Axios: its headers are not meant for authorization servers. */
  private readonly axios = new axios.Axios({
    adapter: 'http',
    responseType: 'arraybuffer',
    maxRedirects: 0,
    maxContentLength: MAX_BYTES,
    validateStatus: () => true,
  });

  readonly #options: Readonly<M2MHttpOptions>;
  readonly #insecureOrigins: readonly string[];

  /** @param insecureOrigins those that plain HTTP may reach beside loopback */
  constructor(
    options: Readonly<M2MHttpOptions>,
    private readonly clock: Clock,
    insecureOrigins: readonly string[] = [],
  ) {
    this.#options = options;
    this.#insecureOrigins = insecureOrigins;
  }

  /** The configured agent. */
  get httpsAgent(): HttpsAgent | undefined {
    return this.#options.httpsAgent;
  }

  /** Whether a request without an agent of its own may show a client certificate. */
  presentsCertificate(): boolean {
    return presentsCertificate(this.#options.httpsAgent);
  }

  /** Sends a request. Every status but a redirect is an answer. @throws UpstreamError */
  async request(request: UpstreamRequest): Promise<UpstreamResponse> {
    const url = this.#permittedUrl(request.url);
    const what = `${memberOf(request, 'method') ?? 'GET'} ${printableUrl(url.href)}`;
    const deadline = new AbortController();
    const cancel = this.clock.after(request.timeout, () => deadline.abort());
    try {
      const response = await this.send(request, url, deadline.signal);
      if (response.status >= 300 && response.status < 400) {
        throw new UpstreamError('redirect', `${what} answered ${response.status}; redirects are not followed`);
      }
      return { status: response.status, headers: textHeaders(response.headers), body: Buffer.from(response.data) };
    } catch (error) {
      if (error instanceof UpstreamError) throw error;
      if (deadline.signal.aborted)
        throw new UpstreamError('timeout', `${what} did not finish in ${Math.ceil(request.timeout)} ms`);
      throw classify(error, what);
    } finally {
      cancel();
    }
  }

  private send(request: UpstreamRequest, url: URL, signal: AbortSignal): Promise<AxiosResponse<ArrayBuffer>> {
    const proxy = this.#proxyTo(url);
    const { httpAgent, httpsAgent } = this.#options;
    const agents: RequestAgents = { httpAgent, httpsAgent: memberOf(request, 'httpsAgent') ?? httpsAgent };
    if (proxy === false) useDirectAgents(agents);
    return this.axios.request<ArrayBuffer>({
      url: url.href,
      method: memberOf(request, 'method') ?? 'GET',
      headers: memberOf(request, 'headers'),
      data: memberOf(request, 'body'),
      signal,
      ...agents,
      proxy,
    });
  }

  /** Loopback has no proxy. Plain HTTP has only one that the options name, because a proxy reads what it passes on. */
  #proxyTo(url: URL): M2MHttpOptions['proxy'] {
    if (isLoopback(url)) return false;
    return this.#options.proxy ?? (url.protocol === 'http:' ? false : undefined);
  }

  #permittedUrl(text: string): URL {
    if (!URL.canParse(text)) throw new UpstreamError('insecure', 'a request was not sent: it has no absolute URL');
    const url = new URL(text);
    const what = `the request to ${printableUrl(text)} was not sent`;
    if (url.username || url.password) throw new UpstreamError('insecure', `${what}: its URL holds credentials`);
    if (isConfidential(url) || this.#insecureOrigins.includes(url.origin)) return url;
    throw new UpstreamError('insecure', `${what}: only HTTPS may leave this machine`);
  }
}

function classify(error: unknown, what: string): UpstreamError {
  const { code = 'unknown error', message = '' } = axios.isAxiosError(error) ? error : {};
  if (message.startsWith('maxContentLength')) {
    return new UpstreamError('too-large', `${what} answered more than ${MAX_BYTES} bytes`);
  }
  return new UpstreamError('network', `${what} failed: ${code}`);
}

/** Names in lower case. */
function textHeaders(headers: object): Record<string, string> {
  const present = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name.toLowerCase(), String(value)]));
}
