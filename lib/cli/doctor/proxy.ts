import { isLoopback } from '../../http/loopback.js';
import { readerOf, type Environment, type ReadVariable } from '../../options/environment-variables.js';
import { unknown, wrong, ok, type Check } from '../checks/check.js';

/** The variables of proxies. Those in small letters come first. */
export const PROXY_VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'] as const;

/** The variable whose proxy a request goes through, as Axios reads the environment; `undefined` if it goes through none. */
export function proxyVariableFor(url: URL, environment: Environment): string | undefined {
  if (url.protocol !== 'https:' || isLoopback(url)) return undefined;
  const read = readerOf(environment);
  if (isExcepted(url, read)) return undefined;
  return PROXY_VARIABLES.find((name) => read(name) !== undefined);
}

/** Whether `NO_PROXY` names a host: exactly, by a domain that begins with a dot or `*`, or all by `*`; perhaps with a port. */
function isExcepted({ hostname, port }: URL, read: ReadVariable): boolean {
  const exceptions = (read('no_proxy') ?? read('NO_PROXY') ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  return exceptions.some((exception) => {
    const [, name = exception, onlyPort] = /^(.+):(\d+)$/.exec(exception) ?? [];
    if (onlyPort !== undefined && onlyPort !== (port || '443')) return false;
    return /^[.*]/.test(name) ? hostname.endsWith(name.replace(/^\*/, '')) : hostname === name;
  });
}

/** What variables of proxies say about a server. */
export function checkProxy(url: URL, environment: Environment): readonly Check[] {
  const variable = proxyVariableFor(url, environment);
  if (variable === undefined) return [];
  const proxy = environment[variable] ?? '';
  const name = `proxy for ${url.host}`;
  if (!/^https?:\/\//.test(proxy) || !URL.canParse(proxy)) {
    return [wrong(name, `${variable} is no URL`, `${variable}=http://proxy.example.com:3128`)];
  }
  return [ok(name, `${variable}: ${new URL(proxy).host}`)];
}

/** @param name that of a check that the proxy makes impossible */
export function behindProxy(name: string, variable: string): Check {
  return unknown(name, `the proxy of ${variable} is asked`);
}
