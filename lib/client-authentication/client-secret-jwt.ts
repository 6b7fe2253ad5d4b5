import { createSecretKey } from 'node:crypto';
import { JWT_BEARER, presentAssertion, signAssertion } from './assertion.js';
import { defineAuthenticator } from './client-authenticator.js';

/** {@link clientSecretJwt} */
export interface ClientSecretJwt {
  /** The name of the method in the IANA registry (`token_endpoint_auth_methods_supported`). */
  readonly method: 'client_secret_jwt';
}

/**
 * The client signs a JWT with its secret (HS256), a new one for every request. It lives 60 seconds,
 * and is dated back by 10 of them.
 *
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication OpenID Connect Core 1.0, section 9}
 */
export function clientSecretJwt(): ClientSecretJwt {
  return Object.freeze({ method: 'client_secret_jwt' });
}

/** `client_secret_jwt`. A failure may come from this host's clock, so it says nothing about other processes. */
export const clientSecretJwtAuthenticator = defineAuthenticator<ClientSecretJwt>({
  method: 'client_secret_jwt',
  example: 'clientSecretJwt()',
  needsSecret: true,
  sharesTokens: true,
  sharesFailures: false,
  authenticate: async (request) => {
    const key = createSecretKey(Buffer.from(request.credential));
    return presentAssertion(await signAssertion(request, key, { alg: 'HS256' }), JWT_BEARER);
  },
});
