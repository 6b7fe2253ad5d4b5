import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { checkObject } from '../validation/checks.js';
import { pick, resolveFields } from '../validation/fields.js';
import type { Problems } from '../validation/problems.js';
import { resolveAuthorizationServer } from './resolve-authorization-server.js';
import { refuseRepeatedIssuers, resolvedIssuer, resolveTrustedIssuers } from './resolve-issuers.js';
import type { ResolvedResourceServerOptions } from './resolved-options.js';
import { RESOURCE_SERVER_FIELDS, VERIFICATION_FIELDS } from './resource-server-fields.js';
import type { M2MResourceServerOptions } from './resource-server-options.js';

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
  const { authorizationServer = fallback } = options;
  const server = resolveAuthorizationServer(problems, `${path}.authorizationServer`, authorizationServer);
  const fields = resolveFields(problems, path, options, RESOURCE_SERVER_FIELDS);
  const primary = resolvedIssuer(problems, path, server, fields, undefined);
  const issuers = [primary, ...resolveTrustedIssuers(problems, `${path}.trust`, options.trust)];
  refuseRepeatedIssuers(problems, `${path}.trust`, issuers);
  return Object.freeze({ ...pick(fields, VERIFICATION_FIELDS), issuers: Object.freeze(issuers) });
}
