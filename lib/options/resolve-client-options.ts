import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { checkObject, memberOf } from '../validation/checks.js';
import type { Problems } from '../validation/problems.js';
import { CLIENT_FIELDS } from './client-fields.js';
import type { M2MClientOptions } from './client-options.js';
import { resolveClient } from './resolve-client.js';
import { resolveNamedClients } from './resolve-named-clients.js';
import { resolveTargets } from './resolve-targets.js';
import type { ResolvedClientOptions } from './resolved-options.js';

/** Resolves `client`. */
export function resolveClientOptions(
  problems: Problems,
  options: M2MClientOptions | undefined,
  authorizationServer: AuthorizationServer | undefined,
): ResolvedClientOptions | undefined {
  if (options === undefined) return undefined;
  const remedy = "client: { clientId: 'my-service', clientSecret: () => ... }, or no client at all";
  if (!checkObject(problems, 'client', options, remedy)) return undefined;
  const client = resolveClient(problems, 'client', undefined, options, CLIENT_FIELDS, authorizationServer);
  const services = memberOf<M2MClientOptions, 'targets'>(options, 'targets');
  const named = resolveNamedClients(problems, options, authorizationServer);
  const targets = resolveTargets(problems, services, client, named);
  return Object.freeze({ ...client, targets, ...named });
}
