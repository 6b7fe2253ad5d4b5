import { escaped } from '../errors/printable.js';
import type { TestRequest } from '../testing/options/test-authorization-server-options.js';
import type { TestAuthorizationServer } from '../testing/test-authorization-server.js';
import { shellWord } from './shell-word.js';

/** A token that a user gave the first client. */
export interface UserToken {
  /** The user's id. */
  readonly user: string;
  readonly accessToken: string;
}

/** What a user needs to know of a server: as JSON on one line, or as text with lines to copy. */
export function describeServer(
  server: TestAuthorizationServer,
  userTokens: readonly UserToken[],
  json: boolean,
): string {
  return linesOf(server, userTokens, json).map(escaped).join('\n');
}

function linesOf(server: TestAuthorizationServer, userTokens: readonly UserToken[], json: boolean): readonly string[] {
  const { dialect, issuer, tokenEndpoint, jwksUri, resources } = server;
  const clients = server.clientIds.map((clientId) => ({ clientId, clientSecret: server.secretOf(clientId) }));
  const environment = server.environment();
  const described = { dialect, issuer, tokenEndpoint, jwksUri, resources, clients, environment };
  if (json) return [JSON.stringify({ ...described, ...(userTokens.length > 0 && { userTokens }) })];
  return [
    `${server.authorizationServer.name} (${dialect}) for development, until Ctrl+C`,
    '',
    `  issuer          ${issuer}`,
    `  token endpoint  ${tokenEndpoint}`,
    `  key set         ${jwksUri}`,
    `  clients         ${clients.map(({ clientId }) => clientId).join(', ')}`,
    `  resources       ${resources.join(', ')}`,
    '',
    'The environment of a service that uses it:',
    '',
    ...Object.entries(environment).map(([name, value]) => `  ${name}=${value.includes(' ') ? `'${value}'` : value}`),
    '',
    ...(server.secretOf() === undefined ? [] : ['A token by hand:', '', `  ${curlOf(server)}`, '']),
    ...userTokens.flatMap(({ user, accessToken }) => [
      `A token that the user ${user} gave ${server.clientIds[0]}:`,
      '',
      `  ${accessToken}`,
      '',
    ]),
  ];
}

/** One request, on one line. */
export function describeRequest(request: TestRequest, json: boolean): string {
  const { method, path, clientId, status, error } = request;
  if (json) return escaped(JSON.stringify({ method, path, clientId, status, error }));
  return escaped([method, path, clientId, status, error].filter((part) => part !== undefined).join(' '));
}

function curlOf(server: TestAuthorizationServer): string {
  const [id = ''] = server.clientIds;
  const secret = server.secretOf(id) ?? '';
  const posted = server.authorizationServer.clientAuthentication?.method === 'client_secret_post';
  const parameters = {
    grant_type: 'client_credentials',
    ...(posted && { client_id: id, client_secret: secret }),
    ...server.tokenRequest(),
  };
  const data = Object.entries(parameters).map(([name, value]) => `--data-urlencode ${shellWord(`${name}=${value}`)}`);
  return ['curl', ...(posted ? [] : ['-u', shellWord(`${id}:${secret}`)]), ...data, server.tokenEndpoint].join(' ');
}
