import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { checkObject, memberOf } from '../validation/checks.js';
import { pick, resolveFields, type Values } from '../validation/fields.js';
import type { Problems } from '../validation/problems.js';
import { resolveAuthorizationServer } from './resolve-authorization-server.js';
import { refuseOverlappingPrefixes } from './resolve-introspection.js';
import { resolvedIssuer, resolveTrust } from './resolve-trust.js';
import type { ResolvedIssuer, ResolvedResourceServerOptions } from './resolved-options.js';
import { RESOURCE_SERVER_FIELDS, TRUST_ALONE_FIELDS, VERIFICATION_FIELDS } from './resource-server-fields.js';
import type { M2MResourceServerOptions } from './resource-server-options.js';

const PATH = 'resourceServer';

/** Resolves `resourceServer`. */
export function resolveResourceServer(
  problems: Problems,
  options: M2MResourceServerOptions | undefined,
  fallback: AuthorizationServer | undefined,
): ResolvedResourceServerOptions | undefined {
  if (options === undefined) return undefined;
  const remedy = "resourceServer: { audience: 'https://my-api' }, or no resourceServer at all";
  if (!checkObject(problems, PATH, options, remedy)) return undefined;
  const { trust, audience } = { trust: memberOf(options, 'trust'), audience: memberOf(options, 'audience') };
  const own = memberOf(options, 'authorizationServer');
  const isTrustAlone = own === undefined && (audience === undefined || fallback === undefined);
  if (isTrustAlone && Array.isArray(trust) && trust.length > 0) return resolveTrustAlone(problems, options);

  const authorizationServer = own === undefined ? fallback : own;
  const server = resolveAuthorizationServer(problems, `${PATH}.authorizationServer`, authorizationServer);
  const fields = resolveFields(problems, PATH, options, RESOURCE_SERVER_FIELDS);
  const all = { scopes: undefined, tenant: undefined };
  return resolved(problems, fields, resolvedIssuer(problems, PATH, server, fields, all), undefined);
}

/** Without a primary issuer its options would do nothing. */
function resolveTrustAlone(problems: Problems, options: M2MResourceServerOptions): ResolvedResourceServerOptions {
  const fields = resolveFields(problems, PATH, options, TRUST_ALONE_FIELDS);
  for (const name of ['allowedClients', 'allowedOrganizations', 'callers', 'introspection'] as const) {
    if (memberOf(options, name) === undefined) continue;
    const problem = 'is for the tokens of authorizationServer, and there is none beside trust';
    problems.add(`${PATH}.${name}`, problem, `${name} in the entry of each issuer in trust`);
  }
  if (fields.audience === null) {
    const problem = 'is null, and there is no authorizationServer beside trust whose tokens would need none';
    problems.add(`${PATH}.audience`, problem, 'no audience, and one in the entry of each issuer in trust');
  }
  return resolved(problems, fields, undefined, fields.audience ?? undefined);
}

function resolved(
  problems: Problems,
  fields: Values<typeof VERIFICATION_FIELDS> & Pick<M2MResourceServerOptions, 'trust'>,
  primary: ResolvedIssuer | undefined,
  commonAudience: readonly string[] | undefined,
): ResolvedResourceServerOptions {
  const { issuers: trusted, resolver } = resolveTrust(problems, fields.trust);
  const issuers = Object.freeze([...(primary ? [primary] : []), ...trusted]);
  refuseRepeatedIssuers(problems, `${PATH}.trust`, issuers);
  refuseOverlappingPrefixes(problems, issuers);
  return Object.freeze({ ...pick(fields, VERIFICATION_FIELDS), issuers, primary, commonAudience, resolver });
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
