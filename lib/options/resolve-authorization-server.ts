import type { AuthorizationServer, TokenParameters } from '../authorization-servers/authorization-server.js';
import { checkObject, isObject } from '../validation/checks.js';
import { resolveFields } from '../validation/fields.js';
import type { ProblemFilter, Problems } from '../validation/problems.js';
import {
  AUTHORIZATION_SERVER_FIELDS,
  TOKEN_PARAMETERS_EXAMPLE,
  type ResolvedAuthorizationServer,
} from './authorization-server-fields.js';

/** An authorization server with the defaults filled in; `undefined` if something is wrong with it. */
export function resolveAuthorizationServer(
  problems: Problems,
  path: string,
  value: AuthorizationServer | undefined,
): ResolvedAuthorizationServer | undefined {
  const remedy = "authorizationServer: oidc({ issuer: 'https://id.example.com' })";
  if (!checkObject(problems, path, value, remedy)) return undefined;
  const before = problems.count;
  const server = resolveFields(problems, path, value, AUTHORIZATION_SERVER_FIELDS);
  if (server.jwks !== undefined && server.jwksUri !== undefined) {
    const keyRemedy = '{ ...server, jwks, jwksUri: undefined }, or without jwks';
    problems.add(`${path}.jwks`, 'is given beside jwksUri, and keys come from one of them', keyRemedy);
  }
  if (problems.count > before) return undefined;
  const acceptedIssuers = Object.freeze([...new Set([server.issuer, ...(server.acceptedIssuers ?? [])])]);
  return Object.freeze({ ...server, acceptedIssuers });
}

/** Adds a problem for further headers that a server found at run time would get. @param path of what names the server */
export function refuseRequestHeaders(
  problems: Problems,
  path: string,
  server: ResolvedAuthorizationServer | undefined,
): void {
  if (!server?.requestHeaders) return;
  const problem = 'is a function, and a server that is found at run time gets no further headers';
  const remedy = 'an authorizationServer without requestHeaders';
  problems.add(`${path}.authorizationServer.requestHeaders`, problem, remedy);
}

/** Adds the problems that a server has with a token request of the options; none if there is no server. */
export function tryTokenParameters(
  problems: Problems,
  path: string,
  server: Pick<ResolvedAuthorizationServer, 'tokenParameters'> | undefined,
  request: TokenParameters,
  includes?: ProblemFilter,
): void {
  const run = (): void => {
    const parameters: unknown = server ? server.tokenParameters(request) : {};
    if (isObject(parameters) && !(parameters instanceof Promise)) return;
    const remedy = `tokenParameters: ${TOKEN_PARAMETERS_EXAMPLE}`;
    problems.add(`${path}.authorizationServer.tokenParameters`, 'returns something else than an object', remedy);
  };
  problems.collect(path, run, includes);
}
