import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { memberOf } from '../validation/checks.js';
import { pick, resolveFields } from '../validation/fields.js';
import type { Problems } from '../validation/problems.js';
import { type NAMED_CLIENT_FIELDS, TOKEN_MANAGEMENT_FIELDS } from './client-fields.js';
import type { M2MNamedClientOptions } from './client-options.js';
import { resolveAuthorizationServer, tryTokenParameters } from './resolve-authorization-server.js';
import { resolveCredentials } from './resolve-credentials.js';
import { resolveProviderClient } from './resolve-provider-client.js';
import type { ResolvedAuthorizationServer } from './authorization-server-fields.js';
import type { ResolvedClient } from './resolved-options.js';
import { noParameters, tokenParameters } from './token-parameters.js';

/** Resolves one client, of the options or of an answer. @param fallback its server if it names none */
export function resolveClient(
  problems: Problems,
  path: string,
  name: string | undefined,
  options: M2MNamedClientOptions,
  table: typeof NAMED_CLIENT_FIELDS,
  fallback: AuthorizationServer | undefined,
): ResolvedClient {
  const own = memberOf(options, 'authorizationServer');
  const isProvided = memberOf(options, 'accessTokenProvider') !== undefined;
  const server = isProvided
    ? undefined
    : resolveAuthorizationServer(problems, `${path}.authorizationServer`, own === undefined ? fallback : own);
  const fields = resolveFields(problems, path, options, table);
  checkRenewal(problems, `${path}.renewal`, fields.renewal);
  if (isProvided) return resolveProviderClient(problems, path, name, fields);
  if (memberOf(options, 'clientId') === undefined) {
    problems.add(`${path}.clientId`, 'is missing', "clientId: 'my-service'");
  }
  const defaults = tokenParameters(noParameters, fields);
  // What is missing may still come with a target or a request.
  tryTokenParameters(problems, path, server, defaults, ({ kind }) => kind !== 'missing');
  return Object.freeze({
    ...pick(fields, TOKEN_MANAGEMENT_FIELDS),
    name,
    accessTokenProvider: undefined,
    // If the server or the id is missing, a problem says so, and these options are thrown away.
    authorizationServer: server as ResolvedAuthorizationServer,
    clientId: fields.clientId as string,
    ...resolveCredentials(problems, path, fields, server),
    defaults,
  });
}

function checkRenewal(problems: Problems, path: string, { leeway, ahead }: ResolvedClient['renewal']): void {
  if (leeway === undefined || ahead === undefined || leeway < ahead) return;
  const problem = `is ${ahead}, and no longer than the leeway: no token would be renewed in the background`;
  problems.add(`${path}.ahead`, problem, `ahead: ${leeway + 60_000}, or no ahead at all`);
}
