import { InvalidTokenError } from '../errors/invalid-token.error.js';
import { clientSecretBasic } from '../client-authentication/client-secret-basic.js';
import type { AuthorizationServer, CallerClaims, Claims, IssuerPattern } from './authorization-server.js';
import { audienceOf, readClaimsBy, subjectIsClient, withoutUsers } from './claims.js';
import { checkArguments, urlRule } from './factory-arguments.js';
import { scopesIn } from './scopes.js';
import { standardTokenParameters } from './standard.js';

/**
 * Spring Authorization Server. Its endpoints are discovered.
 *
 * Its stock tokens name neither an API nor a client, only a `sub` that is their one `aud`: that is the client. A resource
 * server needs `audience: null` with `allowedClients` for them. A token customizer at the server can add `client_id` and
 * the `aud` of an API.
 *
 * Its tokens have no claim that tells a user's from others.
 *
 * @param options.issuer exactly as the server is configured with it: `https://id.example.com`
 * @throws M2MConfigurationError
 * @see {@link https://docs.spring.io/spring-authorization-server/reference/ Spring Authorization Server: reference}
 */
export function spring(options: { issuer: string }): AuthorizationServer {
  checkArguments('spring', options, { issuer: urlRule('https://id.example.com') });
  return Object.freeze({
    name: 'Spring Authorization Server',
    issuer: options.issuer,
    clientAuthentication: clientSecretBasic(),
    tokenParameters: standardTokenParameters,
    readClaims: readSpringClaims,
  });
}

/** Issuers of Spring Authorization Server. */
export const springIssuer: IssuerPattern = {
  issuer: /^/,
  example: 'https://id.example.com',
  create: (_, issuer) => spring({ issuer }),
};

const readCustomizedClaims = readClaimsBy({
  clientId: ['client_id', 'azp'],
  scopes: ({ scope }) => scopesIn(scope),
  kind: (claims, clientId) => (subjectIsClient(claims, clientId) ? 'machine' : 'unknown'),
});

const readSpringClaims = withoutUsers((claims: Claims, audience: readonly string[]): CallerClaims => {
  const caller = readCustomizedClaims(claims);
  if (caller.clientId !== undefined || !isStock(claims)) return caller;
  if (audience.length > 0) {
    const message = `the token names no API: its one "aud" is its client as in its stock tokens`;
    const remedies = 'write audience: null with allowedClients, or add aud and client_id in a token customizer there';
    throw new InvalidTokenError('audience', `${message}; ${remedies}`);
  }
  return { ...caller, clientId: claims['sub'] as string, audience: [], kind: 'machine' };
});

/** A user's `aud` is the client too, and never the user. */
function isStock(claims: Claims): boolean {
  const [first, ...others] = audienceOf(claims);
  return first !== undefined && others.length === 0 && first === claims['sub'];
}
