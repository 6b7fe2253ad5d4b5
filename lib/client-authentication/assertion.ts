import { createSecretKey, randomUUID, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ClientAuth } from 'oauth4webapi';
import { JWT_BEARER, type PrivateKeyJwt } from './client-authentication.js';
import type { Clock } from '../time/clock.js';
import type { ResolvedClient } from '../options/resolved-options.js';

/** Seconds. */
const LIFETIME = 60;

/** A JWT that the client signs with its secret. */
export function secretAssertion(client: ResolvedClient, secret: string, clock: Clock): Promise<ClientAuth> {
  return signed(client, { alg: 'HS256' }, createSecretKey(Buffer.from(secret)), undefined, clock);
}

/** A JWT that the client signs with its private key. */
export function keyAssertion(
  client: ResolvedClient,
  { key, alg, kid, audience }: PrivateKeyJwt,
  clock: Clock,
): Promise<ClientAuth> {
  return signed(client, { alg, ...(kid !== undefined && { kid }) }, key, audience, clock);
}

/** An assertion that is there already. */
export function asserting(assertion: string, type: string): ClientAuth {
  return (_server, { client_id: clientId }, body) => {
    body.set('client_id', clientId);
    body.set('client_assertion', assertion);
    body.set('client_assertion_type', type);
  };
}

/** With a new `jti` every time: servers refuse one that they have seen. */
async function signed(
  { authorizationServer: server, clientId }: ResolvedClient,
  header: { alg: string; kid?: string },
  key: KeyObject,
  audience: string | undefined,
  clock: Clock,
): Promise<ClientAuth> {
  const now = Math.floor(clock.wall() / 1000);
  const assertion = await new SignJWT()
    .setProtectedHeader(header)
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience ?? server.assertionAudience ?? server.issuer)
    .setJti(randomUUID())
    .setIssuedAt(now)
    .setExpirationTime(now + LIFETIME)
    .sign(key);
  return asserting(assertion, JWT_BEARER);
}
