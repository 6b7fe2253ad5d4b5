import { isIP } from 'node:net';
import type { Clock } from '../time/clock.js';
import { AuthorizationServerHttp, type UpstreamRequest, type UpstreamResponse } from './authorization-server-http.js';
import { isAmongHosts } from './host-pattern.js';
import { isLoopback, withoutBrackets } from './loopback.js';
import { printableUrl } from './printable-url.js';
import { isPublicAddress } from './public-address.js';
import { publicAgent } from './public-agent.js';
import { UpstreamError } from './upstream.error.js';

/**
 * The way to authorization servers that a function of the options found: HTTPS to public addresses, checked when the
 * connection is made. They get nothing of the module's own: no agent, no certificate, no proxy, no further header.
 */
export class FoundServerHttp {
  private readonly http: AuthorizationServerHttp;

  /**
   * @param option the function that names them, by its path in the options
   * @param allowedHosts patterns of hosts that may have any address; among them, this machine's may be plain HTTP
   * @param httpsAgent checks addresses. One with a client certificate has to be made of it
   */
  constructor(
    private readonly option: string,
    private readonly allowedHosts: readonly string[],
    clock: Clock,
    readonly httpsAgent = publicAgent(allowedHosts),
  ) {
    this.http = new AuthorizationServerHttp({ proxy: false, httpsAgent }, clock);
  }

  /** Sends a request. @throws UpstreamError */
  request(request: UpstreamRequest): Promise<UpstreamResponse> {
    const why = this.whyNot(request.url);
    if (why === undefined) return this.http.request(request);
    return Promise.reject(new UpstreamError('insecure', `a request to a server that ${this.option} named ${why}`));
  }

  /** What is wrong with a URL itself. Addresses are never looked up, so that the agent does not see them. */
  private whyNot(text: string): string | undefined {
    if (!URL.canParse(text)) return 'was not sent: it has no absolute URL';
    const url = new URL(text);
    const what = `was not sent: ${printableUrl(text)}`;
    const isAllowed = isAmongHosts(url, this.allowedHosts);
    if (url.protocol !== 'https:' && !(isAllowed && isLoopback(url))) {
      return isLoopback(url) ? `${what} is not HTTPS, and allowedHosts does not have it` : `${what} is not HTTPS`;
    }
    const address = withoutBrackets(url.hostname);
    if (isAllowed || isIP(address) === 0 || isPublicAddress(address)) return undefined;
    return `${what} has an address that is not public, and allowedHosts does not have it`;
  }
}
