import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { AxiosProxyConfig } from 'axios';

/** How servers are reached. Proxies and agents are Axios's own options, held by reference; loopback hosts never go through a proxy. */
export interface M2MHttpOptions {
  /** Axios's proxy; `false` ignores the proxy variables of the environment. @default the environment's */
  proxy?: AxiosProxyConfig | false | undefined;
  httpAgent?: HttpAgent | undefined;
  httpsAgent?: HttpsAgent | undefined;
}
