import { escaped } from '../errors/printable.js';
import { dialects } from '../testing/dialects/dialects.js';
import type { TestRequest } from '../testing/options/test-authorization-server-options.js';
import type { TestAuthorizationServer } from '../testing/test-authorization-server.js';
import { variableValue } from './checks/shell-word.js';
import { curlOf } from './curl.js';

/** A token that a user gave the first client. */
export interface UserToken {
  /** The user's id. */
  readonly user: string;
  readonly accessToken: string;
}

/** A server, and what the command did besides starting it. */
export interface Served {
  readonly server: TestAuthorizationServer;
  readonly userTokens: readonly UserToken[];
  /** Whether its tokens are opaque. */
  readonly opaque: boolean;
}

/** What a user needs to know of a server: as JSON on one line, or as text with lines to copy. */
export function describeServer(served: Served, json: boolean): string {
  return (json ? [inJson(served)] : inText(served)).map(escaped).join('\n');
}

function inJson({ server, userTokens }: Served): string {
  const { dialect, issuer, tokenEndpoint, jwksUri, resources } = server;
  const { introspectionEndpoint } = server.authorizationServer;
  const clients = server.clientIds.map((clientId) => ({ clientId, clientSecret: server.secretOf(clientId) }));
  const environment = server.environment();
  const described = { dialect, issuer, tokenEndpoint, jwksUri, introspectionEndpoint, resources, clients, environment };
  return JSON.stringify({ ...described, ...(userTokens.length > 0 && { userTokens }) });
}

function inText({ server, userTokens, opaque }: Served): readonly string[] {
  const { dialect, issuer, tokenEndpoint, jwksUri, resources, clientIds } = server;
  const { name, introspectionEndpoint: introspection } = server.authorizationServer;
  return [
    `${name} (${dialect}) for development, until Ctrl+C`,
    '',
    `  issuer          ${issuer}`,
    `  token endpoint  ${tokenEndpoint}`,
    `  key set         ${jwksUri}`,
    ...(introspection === undefined ? [] : [`  introspection   ${introspection}`]),
    `  clients         ${clientIds.join(', ')}`,
    `  resources       ${resources.join(', ')}`,
    '',
    'The environment of a service that uses it:',
    '',
    ...Object.entries(server.environment()).map(([variable, value]) => `  ${variable}=${variableValue(value)}`),
    '',
    ...toCopy('A token by hand:', tokenByHand(server)),
    ...(opaque ? toCopy('What a token stands for:', introspectionByHand(server)) : []),
    ...userTokens.flatMap(({ user, accessToken }) => [
      ...toCopy(`A token that the user ${user} gave ${clientIds[0]}:`, accessToken),
      ...toCopy(`Exchanged for one to ${resources.at(-1)}:`, exchangeByHand(server, accessToken)),
    ]),
  ];
}

function toCopy(title: string, line: string | undefined): readonly string[] {
  return line === undefined ? [] : [title, '', `  ${line}`, ''];
}

function tokenByHand(server: TestAuthorizationServer): string | undefined {
  return curlOf(server, server.tokenEndpoint, { grant_type: 'client_credentials', ...server.tokenRequest() });
}

function introspectionByHand(server: TestAuthorizationServer): string | undefined {
  const { introspectionEndpoint } = server.authorizationServer;
  return introspectionEndpoint && curlOf(server, introspectionEndpoint, { token: 'TOKEN' });
}

function exchangeByHand(server: TestAuthorizationServer, token: string): string | undefined {
  const { exchange } = dialects[server.dialect];
  const parameters = exchange?.asks(token, server.resources.at(-1) ?? '');
  return exchange && curlOf(server, server.tokenEndpoint, { grant_type: exchange.grantType, ...parameters });
}

/** One request, on one line. */
export function describeRequest(request: TestRequest, json: boolean): string {
  const { method, path, clientId, status, error } = request;
  if (json) return escaped(JSON.stringify({ method, path, clientId, status, error }));
  return escaped([method, path, clientId, status, error].filter((part) => part !== undefined).join(' '));
}
