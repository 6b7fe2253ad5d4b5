import type { AuthorizationServer, IssuerPattern } from './authorization-server.js';
import { readClaimsBy } from './claims.js';
import { clientSecretPost } from '../client-authentication/client-secret-post.js';
import { baseUrl, checkArguments, optionalRule, pathSegmentRule, urlRule } from './factory-arguments.js';
import { tokenParametersBy } from './request-rules.js';
import { scopesIn } from './scopes.js';

/** What identifies a SimpleIdServer. */
export interface SimpleIdServerOptions {
  /** `https://id.example.com`, as callers reach it: the server takes its issuer from the request. */
  url: string;
  /** The realm, if realms are on: `master`. @default no realm */
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
    url: urlRule('https://id.example.com'),
    realm: optionalRule(pathSegmentRule('master')),
  });
  const base = baseUrl(options.url);
  const issuer = options.realm === undefined ? base : `${base}/${encodeURIComponent(options.realm)}`;
  return Object.freeze({
    name: 'SimpleIdServer',
    issuer,
    tokenEndpoint: `${issuer}/token`,
    clientAuthentication: clientSecretPost(),
    tokenParameters: simpleIdServerTokenParameters,
    readClaims: readSimpleIdServerClaims,
  });
}

/** Issuers of SimpleIdServer. */
export const simpleIdServerIssuer: IssuerPattern = {
  issuer: /^/,
  example: 'https://id.example.com/master',
  create: (_, issuer) => simpleIdServer({ url: issuer }),
};

const simpleIdServerTokenParameters = tokenParametersBy('SimpleIdServer', {
  unknown: {
    audience: (api) => ({ option: 'scope', value: 'read:products', note: `a scope of the API resource ${api}` }),
    organization: (value) =>
      `authorizationServer: simpleIdServer({ url: 'https://id.example.com', realm: '${value}' })`,
  },
  needed: [{ option: 'scope', value: 'read:products' }],
});

const readSimpleIdServerClaims = readClaimsBy({
  clientId: ['client_id', 'azp'],
  scopes: ({ scope }) => scopesIn(scope),
  kind: ({ sub }) => (sub === undefined ? 'machine' : 'user'),
});
