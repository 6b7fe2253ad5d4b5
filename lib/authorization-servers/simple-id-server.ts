import type { AuthorizationServer, CallerClaims, Claims, TokenParameters } from './authorization-server.js';
import { audienceBeyondClient, clientIdOf } from './claims.js';
import { clientSecretPost } from '../client-authentication/client-secret-post.js';
import { baseUrl, checkArguments, optional, pathSegment, url } from './factory-arguments.js';
import { readScopes } from './scopes.js';
import { onTheWire, refuse, required, unsupported, type Remedies } from './token-request-fields.js';

/** Where a SimpleIdServer is. */
export interface SimpleIdServerOptions {
  /** `https://id.example.com`, as callers reach it: the server takes its issuer from the request. */
  url: string;
  /** The realm, where realms are on: `master`. @default no realm */
  realm?: string | undefined;
}

/**
 * SimpleIdServer. A token request needs a `scope`, from which the audience follows; `resource` is an API's name.
 *
 * The caller's own client id in `aud` does not count as an audience.
 *
 * @throws M2MConfigurationError
 * @see {@link https://simpleidserver.com/docs/ SimpleIdServer: documentation}
 */
export function simpleIdServer(options: SimpleIdServerOptions): AuthorizationServer {
  checkArguments('simpleIdServer', options, {
    url: url('https://id.example.com'),
    realm: optional(pathSegment('master')),
  });
  const base = baseUrl(options.url);
  const issuer = options.realm === undefined ? base : `${base}/${encodeURIComponent(options.realm)}`;
  return Object.freeze({
    name: 'SimpleIdServer',
    issuer,
    tokenEndpoint: `${issuer}/token`,
    clientAuthentication: clientSecretPost(),
    tokenParameters,
    readClaims,
  });
}

const remedies: Remedies = {
  audience: (value) => `scope: 'read:products', a scope of the API resource ${value}`,
  organization: (value) => `authorizationServer: simpleIdServer({ url: 'https://id.example.com', realm: '${value}' })`,
};

function tokenParameters(request: TokenParameters): Record<string, unknown> {
  refuse([
    ...unsupported(request, 'SimpleIdServer', remedies),
    ...required(request, 'SimpleIdServer', 'scope', "scope: 'read:products'"),
  ]);
  return onTheWire(request);
}

function readClaims(claims: Claims): CallerClaims {
  const clientId = clientIdOf(claims, 'client_id', 'azp');
  return {
    clientId,
    scopes: readScopes(claims['scope']),
    audience: audienceBeyondClient(claims, clientId),
    kind: claims['sub'] === undefined ? 'machine' : 'user',
  };
}
