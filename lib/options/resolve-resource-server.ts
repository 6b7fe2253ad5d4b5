import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { checkObject, memberOf } from '../validation/checks.js';
import { pick, resolveFields, type Values } from '../validation/fields.js';
import { describeValue, type Problems } from '../validation/problems.js';
import type { ResolvedAuthorizationServer } from './authorization-server-fields.js';
import { refuseStrangers } from './refuse-strangers.js';
import { resolveAuthorizationServer } from './resolve-authorization-server.js';
import type { ResolvedIssuer, ResolvedResourceServerOptions } from './resolved-options.js';
import {
  ISSUER_FIELDS,
  RESOURCE_SERVER_FIELDS,
  TRUSTED_ISSUER_FIELDS,
  VERIFICATION_FIELDS,
} from './resource-server-fields.js';
import type { M2MResourceServerOptions, TrustedIssuer } from './resource-server-options.js';

/** Resolves `resourceServer`. */
export function resolveResourceServer(
  problems: Problems,
  options: M2MResourceServerOptions | undefined,
  fallback: AuthorizationServer | undefined,
): ResolvedResourceServerOptions | undefined {
  const path = 'resourceServer';
  if (options === undefined) return undefined;
  const remedy = "resourceServer: { audience: 'https://my-api' }, or no resourceServer at all";
  if (!checkObject(problems, path, options, remedy)) return undefined;
  const own = memberOf(options, 'authorizationServer');
  const authorizationServer = own === undefined ? fallback : own;
  const server = resolveAuthorizationServer(problems, `${path}.authorizationServer`, authorizationServer);
  const fields = resolveFields(problems, path, options, RESOURCE_SERVER_FIELDS);
  const primary = resolvedIssuer(problems, path, server, fields, undefined);
  const issuers = [primary, ...resolveTrustedIssuers(problems, fields.trust)];
  refuseRepeatedIssuers(problems, `${path}.trust`, issuers);
  return Object.freeze({ ...pick(fields, VERIFICATION_FIELDS), issuers: Object.freeze(issuers) });
}

/** Resolves `resourceServer.trust`. */
function resolveTrustedIssuers(problems: Problems, trust: readonly TrustedIssuer[] = []): readonly ResolvedIssuer[] {
  const path = 'resourceServer.trust';
  const remedy = "{ authorizationServer, audience: 'https://my-api', scopes: ['read:products'] }";
  if (!Array.isArray(trust)) {
    problems.add(path, `${describeValue(trust)}, not an array`, `trust: [${remedy}]`);
    return [];
  }
  return trust.flatMap((options: TrustedIssuer, index) => {
    const at = `${path}[${index}]`;
    if (!checkObject(problems, at, options, remedy)) return [];
    const server = resolveAuthorizationServer(
      problems,
      `${at}.authorizationServer`,
      memberOf(options, 'authorizationServer'),
    );
    const fields = resolveFields(problems, at, options, TRUSTED_ISSUER_FIELDS);
    return [resolvedIssuer(problems, at, server, fields, fields.scopes)];
  });
}

/** An issuer, and what its tokens must and may say. */
function resolvedIssuer(
  problems: Problems,
  path: string,
  authorizationServer: ResolvedAuthorizationServer | undefined,
  fields: Values<typeof ISSUER_FIELDS>,
  scopes: readonly string[] | undefined,
): ResolvedIssuer {
  refuseStrangers(problems, path, authorizationServer, fields);
  // If the server is missing, a problem says so, and these options are thrown away.
  const server = authorizationServer as ResolvedAuthorizationServer;
  return Object.freeze({ ...pick(fields, ISSUER_FIELDS), authorizationServer: server, scopes });
}

/** Adds a problem for each issuer that is there twice: the issuer tells callers apart. */
function refuseRepeatedIssuers(problems: Problems, path: string, issuers: readonly ResolvedIssuer[]): void {
  const all = issuers.flatMap(({ authorizationServer: server }: Partial<ResolvedIssuer>) =>
    server ? server.acceptedIssuers : [],
  );
  for (const issuer of all.filter((each, index) => all.indexOf(each) < index)) {
    problems.add(path, `names the issuer ${issuer} twice`, 'one entry for each issuer');
  }
}
