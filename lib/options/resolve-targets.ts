import { checkObject, entriesOf } from '../validation/checks.js';
import { resolveFields } from '../validation/fields.js';
import type { Problems } from '../validation/problems.js';
import type { M2MTarget } from './client-options.js';
import { tryTokenParameters } from './resolve-authorization-server.js';
import type { ResolvedClient, ResolvedTarget } from './resolved-options.js';
import { TARGET_FIELDS, URL_EXAMPLE } from './target-fields.js';
import { tokenParameters } from './token-parameters.js';

/** Resolves `client.targets`; those with a problem are left out. */
export function resolveTargets(
  problems: Problems,
  targets: Readonly<Record<string, M2MTarget>> | undefined,
  own: ResolvedClient,
  clients: ReadonlyMap<string, ResolvedClient>,
): readonly ResolvedTarget[] {
  const resolved: ResolvedTarget[] = [];
  for (const [name, target] of entriesOf(problems, 'client.targets', targets, `shop: { ${URL_EXAMPLE} }`)) {
    const at = `client.targets.${name}`;
    if (!checkObject(problems, at, target, `${name}: { ${URL_EXAMPLE} }`)) continue;
    const fields = resolveFields(problems, at, target, TARGET_FIELDS);
    const { url, rejectedWhen, encodedSlashes, http } = fields;
    const client = fields.client === undefined ? own : clients.get(fields.client);
    if (!client) {
      const known = [...clients.keys()].map((key) => `client: '${key}'`).join(' or ');
      const remedy = known || `clients: { ${fields.client}: { clientId, clientSecret } }`;
      problems.add(`${at}.client`, `is '${fields.client}', which is no named client`, remedy);
    }
    if (!url || !client) continue;
    const request = tokenParameters(client.defaults, fields);
    tryTokenParameters(problems, at, client.authorizationServer, request);
    const { origin, pathname } = url;
    const prefix = pathname.replace(/\/$/, '');
    const baseUrl = origin + (prefix && pathname);
    const twin = resolved.findLast((each) => each.origin === origin && each.path === prefix);
    if (twin) {
      const remedy = 'one target for each URL, or a longer path for one of them';
      problems.add(`${at}.url`, `is the same place as that of ${twin.name}`, remedy);
    }
    const reached = withoutProxyOfEnvironment(http, url);
    const place = { name, origin, path: prefix, baseUrl };
    resolved.push(Object.freeze({ ...place, client, request, rejectedWhen, encodedSlashes, http: reached }));
  }
  return Object.freeze(resolved);
}

/** A proxy reads what nothing encrypts, so it must be named in the options. */
function withoutProxyOfEnvironment(http: ResolvedTarget['http'], { protocol }: URL): ResolvedTarget['http'] {
  return protocol === 'http:' && http.proxy === undefined ? Object.freeze({ ...http, proxy: false }) : http;
}
