import { isObject, isText, section } from '../validation/checks.js';
import type { M2MHttpOptions } from '../http/http-options.js';
import { describeValue, type Problems } from '../validation/problems.js';

export const httpNames = ['proxy', 'httpAgent', 'httpsAgent'] as const satisfies (keyof M2MHttpOptions)[];

/** How servers are reached. Agents and proxies stay the objects that were given. */
export function resolveHttp<T extends M2MHttpOptions>(
  problems: Problems,
  path: string,
  value: T | undefined,
  known: readonly string[] = httpNames,
): Readonly<Partial<T>> {
  const http = section(problems, path, value, known);
  checkProxy(problems, `${path}.proxy`, http.proxy);
  return Object.freeze({ ...http });
}

function checkProxy(problems: Problems, path: string, proxy: unknown): void {
  if (proxy === undefined || proxy === false) return;
  if (isObject(proxy) && isText(proxy['host']) && Number.isSafeInteger(proxy['port'])) return;
  const seen = isObject(proxy) ? 'has no host that is a string, or no port that is a number' : describeValue(proxy);
  problems.add(path, seen, "proxy: { host: 'proxy.example.com', port: 3128 }, or proxy: false");
}
