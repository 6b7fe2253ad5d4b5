import { authenticatorOf } from '../client-authentication/client-authenticators.js';
import { checkObject } from '../validation/checks.js';
import { resolveFields, section, type FieldsOf } from '../validation/fields.js';
import { anything } from '../validation/field-types.js';
import { Problems } from '../validation/problems.js';
import { HTTP_FIELDS } from './http-fields.js';
import { INSECURE_ORIGINS } from './insecure-origins.js';
import type { M2MModuleOptions } from './module-options.js';
import { checkInsecureOriginsAreUsed, checkPlainHttp } from './plain-http.js';
import { resolveClientOptions } from './resolve-client-options.js';
import { resolveResourceServer } from './resolve-resource-server.js';
import { checkCallersAreAccepted } from './token-choice.js';
import type { ResolvedOptions } from './resolved-options.js';

/** What `M2MModule.forRoot` takes. */
export const MODULE_FIELDS = {
  authorizationServer: anything<M2MModuleOptions['authorizationServer']>(),
  client: anything<M2MModuleOptions['client']>(),
  resourceServer: anything<M2MModuleOptions['resourceServer']>(),
  http: section(HTTP_FIELDS),
  insecureOrigins: INSECURE_ORIGINS,
} as const satisfies FieldsOf<M2MModuleOptions>;

/**
 * Validates what the user wrote, and fills in the defaults.
 *
 * @param areServersReplaced whether insecure origins of servers that were replaced may be left over
 * @throws M2MConfigurationError that lists everything that is wrong
 */
export function resolveOptions(options: M2MModuleOptions, areServersReplaced = false): ResolvedOptions {
  const problems = new Problems();
  const remedy = 'M2MModule.forRoot({ authorizationServer, client, resourceServer })';
  if (!checkObject(problems, 'options', options, remedy)) problems.throwIfAny();
  const resolvedFields = resolveFields(problems, '', options, MODULE_FIELDS);
  const { authorizationServer, client: clientOptions, resourceServer: inbound, http, insecureOrigins } = resolvedFields;
  if (clientOptions === undefined && inbound === undefined) {
    const remedies = [
      "client: { clientId: 'my-service', clientSecret: () => ... } to make calls",
      "resourceServer: { audience: 'https://my-api' } to receive them",
    ];
    problems.add('options', 'have neither a client nor a resourceServer', remedies.join('\n'));
  }
  const client = resolveClientOptions(problems, clientOptions, authorizationServer);
  checkCallersAreAccepted(problems, client?.targets ?? [], inbound !== undefined);
  const resourceServer = resolveResourceServer(problems, inbound, authorizationServer);
  const resolved = Object.freeze({ client, resourceServer, http, insecureOrigins });
  checkPlainHttp(problems, resolved);
  // Otherwise it may be the wrong URL that has the origin.
  if (problems.count === 0 && !areServersReplaced) checkInsecureOriginsAreUsed(problems, resolved);
  problems.collect('', () => checkCertificates(resolved));
  problems.throwIfAny();
  return resolved;
}

/** @throws M2MConfigurationError if the agent of the options keeps a client from showing its certificate */
function checkCertificates({ client, resourceServer, http: { httpsAgent } }: ResolvedOptions): void {
  const clients = client ? [client, ...client.clients.values()] : [];
  const introspecting = (resourceServer?.issuers ?? []).flatMap(({ introspection }) => introspection ?? []);
  for (const { clientAuthentication } of [...clients, ...introspecting]) {
    if (clientAuthentication) authenticatorOf(clientAuthentication).certificateAgents?.(httpsAgent);
  }
}
