import { randomUUID, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ClientAuth } from 'oauth4webapi';
import type { AssertionHeader } from './assertion-header.js';
import type { AuthenticationRequest } from './client-authenticator.js';

/** The `client_assertion_type` of a JWT (RFC 7523, section 2.2). */
export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Seconds. */
const LIFETIME = 60;
/** Seconds by which an assertion is older than it is: servers refuse one from the future, by the clock of this host. */
const AGE = 10;
/** The `audience` that stands for the URL of the token endpoint. */
const TOKEN_ENDPOINT = 'token-endpoint';

/**
 * Puts a client assertion into the request body.
 *
 * @param type `client_assertion_type`
 * @see {@link https://www.rfc-editor.org/rfc/rfc7521#section-4.2 RFC 7521, section 4.2}
 */
export function presentAssertion(assertion: string, type: string): ClientAuth {
  return (_server, { client_id: clientId }, body) => {
    body.set('client_id', clientId);
    body.set('client_assertion', assertion);
    body.set('client_assertion_type', type);
  };
}

/**
 * Signs a client assertion that lives 60 seconds, of which 10 are over. It has a new `jti`, because servers refuse one that
 * they have seen.
 *
 * @param audience `aud`, or `token-endpoint` for the URL of the token endpoint. Default: what the request says
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 RFC 7523, section 3}
 */
export async function signAssertion(
  request: AuthenticationRequest<{ readonly method: string }, unknown>,
  key: KeyObject,
  header: AssertionHeader,
  audience = request.assertionAudience,
): Promise<string> {
  const { clientId, clock } = request;
  const issuedAt = Math.floor(clock.wall() / 1000) - AGE;
  return new SignJWT()
    .setProtectedHeader(header)
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience === TOKEN_ENDPOINT ? await request.tokenEndpoint() : audience)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFETIME)
    .sign(key);
}
