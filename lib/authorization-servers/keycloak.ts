import { unescape } from 'node:querystring';
import type { RemedyLine } from '../errors/configuration.error.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import type { AuthorizationServer, CallerClaims, CallerKind, Claims, IssuerPattern } from './authorization-server.js';
import { audienceOf, clientIdOf, hasUserClaim, objectClaim } from './claims.js';
import { clientSecretPost } from '../client-authentication/client-secret-post.js';
import {
  baseUrl,
  checkArguments,
  optionalRule,
  pathSegmentRule,
  urlRule,
  type ArgumentRule,
} from './factory-arguments.js';
import { isExchanged, tokenParametersBy } from './request-rules.js';
import { readScopes } from './scopes.js';
import { isFailedAuthentication } from './standard.js';

/** What identifies a realm of Keycloak, and how it is reached. */
export interface KeycloakOptions {
  /** The server's public URL, without `/realms`: `https://sso.example.com`. Its tokens name it as their issuer. */
  url: string;
  /** The realm. */
  realm: string;
  /** The URL at which this service reaches the server: `http://keycloak:8080`, with `insecureOrigins`. @default `url` */
  internalUrl?: string | undefined;
}

/**
 * Keycloak. The audience of a token comes from audience mappers of its client and client scopes, not from the request.
 *
 * Of the roles in a token only those for the resource server's own audience count as scopes.
 *
 * With `internalUrl`, tokens are requested and keys are read there, and the issuer stays the public one. Set `hostname`
 * (`KC_HOSTNAME`) at Keycloak, so that its tokens always name the public issuer.
 *
 * @throws M2MConfigurationError
 * @see {@link https://www.keycloak.org/docs/latest/server_admin/#_audience Keycloak: audience support} and {@link https://www.keycloak.org/server/hostname Keycloak: hostname}
 */
export function keycloak(options: KeycloakOptions): AuthorizationServer {
  checkArguments('keycloak', options, {
    url: baseUrlRule('https://sso.example.com'),
    realm: pathSegmentRule('acme'),
    internalUrl: optionalRule(baseUrlRule('http://keycloak:8080')),
  });
  const { url, realm, internalUrl } = options;
  const realmOf = (base: string): string => `${baseUrl(base)}/realms/${encodeURIComponent(realm)}`;
  const reached = realmOf(internalUrl ?? url);
  return Object.freeze<AuthorizationServer>({
    name: 'Keycloak',
    issuer: realmOf(url),
    tokenEndpoint: `${reached}/protocol/openid-connect/token`,
    ...(internalUrl !== undefined && {
      metadataUrl: `${reached}/.well-known/openid-configuration`,
      jwksUri: `${reached}/protocol/openid-connect/certs`,
    }),
    clientAuthentication: clientSecretPost(),
    wrongCredentials: isFailedAuthentication,
    tokenParameters: keycloakTokenParameters,
    readClaims: readKeycloakClaims,
    checkClaims: checkKeycloakClaims,
  });
}

/** Issuers of Keycloak. */
export const keycloakIssuer: IssuerPattern<'url' | 'realm'> = {
  issuer: /^(?<url>.+)\/realms\/(?<realm>[^/]+)\/?$/,
  example: 'https://sso.example.com/realms/acme',
  unmistakable: /\/realms\/[^/]+\/?$/,
  create: ({ url, realm }) => keycloak({ url, realm: unescape(realm) }),
};

function baseUrlRule(example: string): ArgumentRule {
  const problem = 'names a realm already, and the realm is appended';
  return urlRule(example, { end: /\/realms(?:\/.*)?$/, problem });
}

const keycloakTokenParameters = tokenParametersBy('Keycloak', {
  unknown: {
    // An exchange picks one of the audiences that the client may get.
    audience: (api, request) => (isExchanged(request) ? undefined : clientScope(`an audience mapper for ${api}`)),
    resource: (api) => clientScope(`an audience mapper for ${api}`),
    organization: (name) => clientScope(`a mapper for ${name}`),
  },
});

function clientScope(content: string): RemedyLine {
  return { option: 'scope', value: 'shop', note: `a client scope with ${content}` };
}

function readKeycloakClaims(claims: Claims, audience: readonly string[]): CallerClaims {
  const clientId = clientIdOf(claims, 'azp', 'client_id', 'clientId');
  const tokenAudience = audienceOf(claims);
  const ours = audience.filter((name) => tokenAudience.includes(name));
  return {
    clientId,
    scopes: readScopes(claims['scope'], ...ours.map((name) => rolesFor(claims, name))),
    // Its own client too: an API and its caller may be one client here, and checkClaims refuses ID tokens.
    audience: tokenAudience,
    kind: keycloakCallerKind(claims),
  };
}

/**
 * `client_id` (`clientId` up to version 20) comes from the login of a service account, `auth_time` from that of a user in a
 * browser. Neither is in a lightweight token, in that of a password grant, and in that of a service account whose client
 * lacks the scope `service_account`. The session (`sid`) proves nothing, because a service account may have one, and
 * refresh it. Nor does the name of its user: anybody may register as "service-account-...". Nor does `client_id` in the
 * answer to an introspection, which has it for every token.
 */
function keycloakCallerKind(claims: Claims): CallerKind {
  const isIntrospected = claims['active'] === true;
  const isServiceAccount = claims['client_id'] !== undefined || claims['clientId'] !== undefined;
  if (isServiceAccount && !isIntrospected) return 'machine';
  return hasUserClaim(claims, 'auth_time') ? 'user' : 'unknown';
}

function rolesFor(claims: Claims, audience: string): readonly unknown[] {
  const roles = objectClaim(objectClaim(claims, 'resource_access') ?? {}, audience)?.['roles'];
  return Array.isArray(roles) ? roles : [];
}

/** ID tokens, refresh tokens and logout tokens carry another `typ`, and may carry the same audience. */
function checkKeycloakClaims({ typ, cnf }: Claims): void {
  if (typ === undefined || typ === 'Bearer' || (typ === 'DPoP' && cnf !== undefined)) return;
  throw new InvalidTokenError('not-an-access-token', 'its claim typ is neither Bearer nor DPoP');
}
