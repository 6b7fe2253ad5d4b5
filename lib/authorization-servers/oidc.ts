import type { AuthorizationServer, IssuerPattern } from './authorization-server.js';
import { checkArguments, urlRule } from './factory-arguments.js';
import { readStandardClaims, standardTokenParameters, isStandardCredentialsError } from './standard.js';

/**
 * Any authorization server that keeps to the standards: oidc-provider, better-auth, LemonLDAP::NG, glewlwyd, ...
 *
 * Its endpoints are discovered. A token whose `sub` is absent or is its client is a machine's; another is a user's if it
 * says so (`sid`, `auth_time`, `email`, ...), else of an unknown kind. The caller's own client id in `aud` does not count
 * as an audience.
 *
 * @param options.issuer the exact string that its tokens carry in `iss`: a slash at the end makes another issuer
 * @throws M2MConfigurationError
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414 RFC 8414} and {@link https://www.rfc-editor.org/rfc/rfc9068 RFC 9068}
 */
export function oidc(options: { issuer: string }): AuthorizationServer {
  checkArguments('oidc', options, { issuer: urlRule('https://id.example.com') });
  return Object.freeze({
    name: 'OpenID Connect',
    issuer: options.issuer,
    wrongCredentials: isStandardCredentialsError,
    tokenParameters: standardTokenParameters,
    readClaims: readStandardClaims,
  });
}

/** Issuers of any other authorization server. */
export const oidcIssuer: IssuerPattern = {
  issuer: /^/,
  example: 'https://id.example.com',
  create: (_, issuer) => oidc({ issuer }),
};
