import http, { type Agent as HttpAgent } from 'node:http';
import https, { type Agent as HttpsAgent } from 'node:https';
import { isObject } from '../validation/checks.js';

/** The agents of a request, as Axios has them. */
export interface RequestAgents {
  httpAgent?: HttpAgent | undefined;
  httpsAgent?: HttpsAgent | undefined;
}

/** By the agent that they take the place of, so that connections are kept as long as that one is. */
const directAgents = new WeakMap<object, HttpAgent>();

/**
 * Gives a request agents that go through no proxy. Node's global agents use that of the environment under
 * `NODE_USE_ENV_PROXY`, and some versions of Axios let them in spite of `proxy: false`; an agent of the user's may use another.
 */
export function useDirectAgents(request: RequestAgents): void {
  const { httpAgent = http.globalAgent, httpsAgent = https.globalAgent } = request;
  if (mayProxy(httpAgent)) request.httpAgent = direct(httpAgent, http.Agent);
  if (mayProxy(httpsAgent)) request.httpsAgent = direct(httpsAgent, https.Agent);
}

/** Whether Node sends requests without an agent through the proxy of the environment. */
export function usesProxyOfEnvironment(): boolean {
  return mayProxy(http.globalAgent) || mayProxy(https.globalAgent);
}

/** Whether an agent is made for a proxy: by Node, or by packages such as https-proxy-agent, hpagent and proxy-agent. */
export function mayProxy(agent: HttpAgent): boolean {
  const { options, proxy, getProxyForUrl } = agent as {
    options?: { proxyEnv?: unknown };
    proxy?: unknown;
    getProxyForUrl?: unknown;
  };
  return Boolean(options?.proxyEnv) || isObject(proxy) || typeof getProxyForUrl === 'function';
}

function direct<Agent extends HttpAgent>(agent: Agent, Class: new (options: object) => Agent): Agent {
  const known = directAgents.get(agent) as Agent | undefined;
  if (known) return known;
  // Certificates and limits are still wanted. `undefined` for the rest: what is left out could be found on a prototype.
  const { options } = agent as { options?: object };
  const made = new Class({ keepAlive: true, ...options, proxyEnv: undefined });
  directAgents.set(agent, made);
  return made;
}
