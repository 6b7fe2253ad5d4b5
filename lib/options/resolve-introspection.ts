import { checkObject } from '../validation/checks.js';
import { resolveFields } from '../validation/fields.js';
import type { Problems } from '../validation/problems.js';
import type { ResolvedAuthorizationServer } from './authorization-server-fields.js';
import { INTROSPECTION_FIELDS, type ResolvedIntrospection } from './introspection-fields.js';
import type { M2MIntrospectionOptions } from './introspection-options.js';
import { resolveCredentials } from './resolve-credentials.js';
import type { ResolvedIssuer } from './resolved-options.js';

/**
 * Resolves the introspection of an issuer.
 *
 * @param server `undefined` if something is wrong with it, which another problem says
 */
export function resolveIntrospection(
  problems: Problems,
  path: string,
  options: M2MIntrospectionOptions | undefined,
  server: ResolvedAuthorizationServer | undefined,
): ResolvedIntrospection | undefined {
  if (options === undefined) return undefined;
  const remedy = "introspection: { clientId: 'products-api', clientSecret: () => ... }";
  if (!checkObject(problems, path, options, remedy)) return undefined;
  const fields = resolveFields(problems, path, options, INTROSPECTION_FIELDS);
  return Object.freeze({ ...fields, ...resolveCredentials(problems, path, fields, server) });
}

/**
 * Adds a problem for each issuer whose opaque tokens could be another's: to ask both would disclose tokens to a server that
 * did not issue them.
 */
export function refuseOverlappingPrefixes(problems: Problems, issuers: readonly ResolvedIssuer[]): void {
  const introspecting = issuers.filter(({ introspection }) => introspection !== undefined);
  for (const [index, { introspection, path }] of introspecting.entries()) {
    const prefix = introspection?.tokenPrefix;
    const others = introspecting.slice(0, index);
    const other = others.find(({ introspection: before }) => areAlike(before?.tokenPrefix, prefix));
    if (!other) continue;
    const problem =
      prefix === undefined
        ? `is missing, and ${other.path}.introspection has none either: an opaque token could be of both issuers`
        : `is '${prefix}', and that of ${other.path} begins alike: an opaque token could be of both issuers`;
    const option = `${path}.introspection.tokenPrefix`;
    const note = 'as the opaque tokens of this issuer begin';
    problems.add(option, problem, [{ option, value: 'ory_at_', note }]);
  }
}

function areAlike(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.startsWith(other) || other.startsWith(one);
}
