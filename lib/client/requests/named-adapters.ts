import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import { M2MConfigurationError } from '../../errors/configuration.error.js';
import { axios } from '../../http/axios.js';
import { usesProxyOfEnvironment } from '../../http/direct-agents.js';
import type { Destination } from './destination.js';

/** Adapters that Axios has by name. Any other function is the user's own, such as a mock. */
const names = new WeakMap<AxiosAdapter, string>(
  ['http', 'fetch'].map((name) => [axios.getAdapter(name as 'http' | 'fetch'), name]),
);

/** The adapter that Axios would take for a request. */
export function adapterOf(config: Pick<InternalAxiosRequestConfig, 'adapter'>): AxiosAdapter {
  const wanted = config.adapter ?? axios.defaults.adapter;
  const adapter = axios.getAdapter(wanted, config as InternalAxiosRequestConfig);
  // Axios makes a fetch adapter of its own for each `env`.
  const isNamed = Array.isArray(wanted) ? !wanted.includes(adapter) : wanted !== adapter;
  if (isNamed && !names.has(adapter)) names.set(adapter, 'fetch');
  return adapter;
}

/**
 * Stops a request whose adapter would drop what its target says on how it is reached.
 *
 * @throws M2MConfigurationError
 */
export function throwIfUnable(adapter: AxiosAdapter, config: InternalAxiosRequestConfig, to: Destination): void {
  const name = names.get(adapter);
  if (name === undefined) return;
  const isHttp2 = Number(config.httpVersion) === 2;
  if (name === 'http' && !isHttp2) return;
  const { target, url, isLocal } = to;
  const { proxy, httpAgent, httpsAgent } = target.http;
  const [agentName, agent] = url.protocol === 'https:' ? ['httpsAgent', httpsAgent] : ['httpAgent', httpAgent];
  const used = isHttp2 && name === 'http' ? 'httpVersion: 2' : `adapter: '${name}'`;
  const remedy = `${isHttp2 ? 'httpVersion: 1, ' : ''}adapter: 'http'`;
  const option = `client.targets.${target.name}.http`;
  if (agent) {
    const problem = `is not honoured by ${used}: its certificates and connections would be left out`;
    throw new M2MConfigurationError({ option: `${option}.${agentName}`, problem, remedy });
  }
  if (proxy && !isLocal) {
    throw new M2MConfigurationError({ option: `${option}.proxy`, problem: `is not honoured by ${used}`, remedy });
  }
  if (name !== 'http' && (isLocal || proxy === false) && usesProxyOfEnvironment()) {
    const problem = `allows no proxy, but ${used} goes through that of the environment (NODE_USE_ENV_PROXY)`;
    throw new M2MConfigurationError({ option: `client.targets.${target.name}`, problem, remedy });
  }
}
