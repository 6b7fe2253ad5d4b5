import http from 'node:http';
import https from 'node:https';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  mayProxy,
  type RequestAgents,
  useDirectAgents,
  usesProxyOfEnvironment,
} from '../../../lib/http/direct-agents.js';

const { globalAgent } = http;
afterEach(() => {
  http.globalAgent = globalAgent;
});

/** As Node makes its global agent under `NODE_USE_ENV_PROXY`. */
const ofTheEnvironment = () => new http.Agent({ proxyEnv: { http_proxy: 'http://proxy.test' } } as http.AgentOptions);

describe('mayProxy', () => {
  it.each<[string, object, boolean]>([
    ['an agent of Node', new http.Agent({ keepAlive: true }), false],
    ['an agent of Node with the proxy of the environment', ofTheEnvironment(), true],
    ['an agent of https-proxy-agent or hpagent', { proxy: new URL('http://proxy.test') }, true],
    ['an agent of proxy-agent', { getProxyForUrl: () => 'http://proxy.test' }, true],
    ['an agent without options', { addRequest: () => undefined }, false],
  ])('is what %s says', (_, agent, expected) => {
    expect(mayProxy(agent as http.Agent)).toBe(expected);
  });
});

describe('useDirectAgents', () => {
  it('leaves agents alone that go through no proxy, and the global ones', () => {
    const agents: RequestAgents = { httpAgent: new http.Agent(), httpsAgent: undefined };
    const before = { ...agents };
    useDirectAgents(agents);
    expect(agents).toEqual(before);
  });

  it('replaces agents that go through a proxy by the same direct ones each time, with their certificates', () => {
    const proxied = new https.Agent({
      ca: 'PEM',
      maxSockets: 3,
      proxyEnv: { https_proxy: 'http://proxy.test' },
    } as https.AgentOptions);
    const [first, second]: RequestAgents[] = [{ httpsAgent: proxied }, { httpsAgent: proxied }];
    for (const agents of [first, second]) useDirectAgents(agents as RequestAgents);
    expect(first?.httpsAgent).not.toBe(proxied);
    expect(first?.httpsAgent).toBe(second?.httpsAgent);
    expect(mayProxy(first?.httpsAgent as http.Agent)).toBe(false);
    expect(first?.httpsAgent?.options).toMatchObject({ ca: 'PEM', maxSockets: 3, keepAlive: true });
  });

  it('replaces the global agent if it goes through a proxy', () => {
    http.globalAgent = ofTheEnvironment();
    const agents: RequestAgents = {};
    useDirectAgents(agents);
    expect(agents.httpAgent).toBeInstanceOf(http.Agent);
    expect(agents.httpsAgent).toBeUndefined();
    expect(usesProxyOfEnvironment()).toBe(true);
  });
});

it('usesProxyOfEnvironment is false for the global agents as Node makes them without it', () => {
  expect(usesProxyOfEnvironment()).toBe(false);
});
