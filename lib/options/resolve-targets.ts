import { bareUrl } from '../http/bare-url.js';
import { isConfidential, isLoopback } from '../http/loopback.js';
import { checkNames, checkObject, entriesOf, isText, oneOf, wholeNumber } from '../validation/checks.js';
import type { M2MTarget } from './client-options.js';
import { describeValue, type Problems } from '../validation/problems.js';
import { tryTokenParameters } from './resolve-authorization-server.js';
import { httpNames, resolveHttp } from './resolve-http.js';
import { resolveTokenOptions, tokenOptionNames } from './resolve-token-options.js';
import type { ResolvedClient, ResolvedTarget } from './resolved-options.js';

const names = [...tokenOptionNames, 'url', 'client', 'renewOn401', 'http'] as const satisfies (keyof M2MTarget)[];
const httpOfTarget = [...httpNames, 'timeout'] as const satisfies (keyof NonNullable<M2MTarget['http']>)[];
const urlExample = "url: 'https://shop.example.com/api'";

export function resolveTargets(
  problems: Problems,
  path: string,
  targets: Record<string, M2MTarget> | undefined,
  own: ResolvedClient,
  clients: ReadonlyMap<string, ResolvedClient>,
): readonly ResolvedTarget[] {
  const resolved: ResolvedTarget[] = [];
  for (const [name, target] of entriesOf(problems, path, targets, `shop: { ${urlExample} }`)) {
    const at = `${path}.${name}`;
    if (!checkObject(problems, at, target, `${name}: { ${urlExample} }`)) continue;
    checkNames(problems, at, target, names);
    const url = checkTargetUrl(problems, `${at}.url`, target.url);
    const client = target.client === undefined ? own : clients.get(target.client);
    if (!client) {
      const known = [...clients.keys()].map((key) => `client: '${key}'`).join(' or ');
      problems.add(
        `${at}.client`,
        `is '${target.client}', which is no named client`,
        known || `clients: { ${target.client}: { clientId, clientSecret } }`,
      );
    }
    if (url && client) resolved.push(resolveTarget(problems, at, name, target, url, client));
  }
  refuseEqualUrls(problems, path, resolved);
  return Object.freeze(resolved);
}

function resolveTarget(
  problems: Problems,
  path: string,
  name: string,
  target: M2MTarget,
  url: URL,
  client: ResolvedClient,
): ResolvedTarget {
  const request = resolveTokenOptions(problems, path, client.defaults, target);
  tryTokenParameters(problems, path, client.authorizationServer, request);
  const http = resolveHttp(problems, `${path}.http`, target.http, httpOfTarget);
  wholeNumber(problems, `${path}.http.timeout`, http.timeout, { least: 1, example: 5000 }, undefined);
  return Object.freeze({
    name,
    origin: url.origin,
    path: url.pathname.replace(/\/$/, ''),
    client,
    request,
    renewOn401: oneOf(
      problems,
      `${path}.renewOn401`,
      target.renewOn401,
      ['invalid_token', 'any', 'never'],
      'invalid_token',
    ),
    http,
  });
}

/** A prefix must mean one place only, however a request's URL is written. */
function checkTargetUrl(problems: Problems, path: string, value: unknown): URL | undefined {
  if (!isText(value)) {
    problems.add(path, describeValue(value), urlExample);
    return undefined;
  }
  if (!URL.canParse(value)) {
    problems.add(path, 'is no absolute URL', meantBy(value));
    return undefined;
  }
  const url = new URL(value);
  const faults = [
    [!isConfidential(url), `has the scheme ${url.protocol} tokens go over HTTPS only, except on loopback`],
    [url.username !== '' || url.password !== '', 'holds user information'],
    [url.search !== '' || url.hash !== '', 'holds a query or a fragment'],
    [/%2f|%5c|%2e|\\|;/i.test(url.pathname), 'has a path with an encoded separator, an encoded dot or a semicolon'],
  ] as const;
  const fault = faults.find(([present]) => present);
  if (!fault) return url;
  problems.add(path, fault[1], meantBy(value));
  return undefined;
}

/** The line to write for a URL that lacks its scheme, or has the wrong one, or has more than a target may. */
function meantBy(value: string): string {
  const [, rest = ''] = /^(?:https?:\/\/)?(.*)$/is.exec(bareUrl(value)) ?? [];
  if (!URL.canParse(`http://${rest}`)) return urlExample;
  return `url: '${isLoopback(new URL(`http://${rest}`)) ? 'http' : 'https'}://${rest}'`;
}

function refuseEqualUrls(problems: Problems, path: string, targets: readonly ResolvedTarget[]): void {
  const seen = new Map<string, string>();
  for (const { name, origin, path: prefix } of targets) {
    const first = seen.get(origin + prefix);
    if (first !== undefined) {
      problems.add(
        `${path}.${name}.url`,
        `is the same place as that of ${first}`,
        'one target for each URL, or a longer path for one of them',
      );
    }
    seen.set(origin + prefix, name);
  }
}
