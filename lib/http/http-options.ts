import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { AxiosProxyConfig } from 'axios';

/** How servers are reached. Proxies and agents are Axios's own options, held by reference; loopback hosts never go through a proxy. */
export interface M2MHttpOptions {
  /** Axios's proxy; `false` ignores the proxy variables of the environment. @default the environment's */
  proxy?: AxiosProxyConfig | false | undefined;
  /** For `http:`, which reaches loopback and `insecureOrigins` alone. @default Node's global agent */
  httpAgent?: HttpAgent | undefined;
  /** For `https:`: authorities, client certificates, connection limits. @default Node's global agent */
  httpsAgent?: HttpsAgent | undefined;
}
