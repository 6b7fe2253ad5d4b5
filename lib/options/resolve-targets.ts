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
  path: string,
  targets: Readonly<Record<string, M2MTarget>> | undefined,
  own: ResolvedClient,
  clients: ReadonlyMap<string, ResolvedClient>,
): readonly ResolvedTarget[] {
  const resolved: ResolvedTarget[] = [];
  for (const [name, target] of entriesOf(problems, path, targets, `shop: { ${URL_EXAMPLE} }`)) {
    const at = `${path}.${name}`;
    if (!checkObject(problems, at, target, `${name}: { ${URL_EXAMPLE} }`)) continue;
    const fields = resolveFields(problems, at, target, TARGET_FIELDS);
    const { url, renewOn401, http } = fields;
    const client = fields.client === undefined ? own : clients.get(fields.client);
    if (!client) refuseUnknownClient(problems, `${at}.client`, fields.client, clients);
    if (!url || !client) continue;
    const request = tokenParameters(client.defaults, fields);
    tryTokenParameters(problems, at, client.authorizationServer, request);
    const { origin, pathname } = url;
    resolved.push(
      Object.freeze({ name, origin, path: pathname.replace(/\/$/, ''), client, request, renewOn401, http }),
    );
  }
  refuseEqualUrls(problems, path, resolved);
  return Object.freeze(resolved);
}

function refuseUnknownClient(
  problems: Problems,
  path: string,
  name: string | undefined,
  clients: ReadonlyMap<string, ResolvedClient>,
): void {
  const known = [...clients.keys()].map((key) => `client: '${key}'`).join(' or ');
  problems.add(
    path,
    `is '${name}', which is no named client`,
    known || `clients: { ${name}: { clientId, clientSecret } }`,
  );
}

function refuseEqualUrls(problems: Problems, path: string, targets: readonly ResolvedTarget[]): void {
  const names = new Map<string, string>();
  for (const { name, origin, path: prefix } of targets) {
    const first = names.get(origin + prefix);
    if (first !== undefined) {
      const remedy = 'one target for each URL, or a longer path for one of them';
      problems.add(`${path}.${name}.url`, `is the same place as that of ${first}`, remedy);
    }
    names.set(origin + prefix, name);
  }
}
