import { hash } from 'node:crypto';
import type { ClientAuthenticator } from '../../../client-authentication/client-authenticator.js';
import { entryLimit } from '../../../collections/entry-limit.js';
import type { ResolvedOAuthClient } from '../../../options/resolved-options.js';
import type { Grant } from '../grants/grant.js';

/** The limit of what a client keeps by cache key. */
export const KEY_LIMIT = entryLimit(10_000);

const FORMAT = 1;

/**
 * The key under which a token is kept. Everything that a token request depends on goes into it, so two requests share a
 * token only if they would send the same, and accept the same.
 */
export function cacheKey(client: ResolvedOAuthClient, authenticator: ClientAuthenticator, grant: Grant): string {
  const { grantType, expectedAudience } = grant;
  const accepted = expectedAudience ? [expectedAudience] : [];
  return digest([...identity(client, authenticator), grantType, canonical(grant.parameters()), ...accepted]);
}

/** The key of everything that concerns all token requests of a client. */
export function clientKey(client: ResolvedOAuthClient, authenticator: ClientAuthenticator): string {
  return digest(identity(client, authenticator));
}

function identity(
  { authorizationServer: server, name, clientId, clientAuthentication }: ResolvedOAuthClient,
  authenticator: ClientAuthenticator,
): unknown[] {
  // A token may be bound to the key or the certificate.
  const thumbprint = authenticator.thumbprint?.(clientAuthentication) ?? null;
  // A discovered token endpoint is left out: the issuer stands for it.
  const { issuer, tokenEndpoint = null } = server;
  // Named clients share nothing: one with a wrong secret would get the tokens of another with the same id.
  return [FORMAT, issuer, tokenEndpoint, name ?? null, clientId, authenticator.method, thumbprint];
}

function digest(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts));
}

/** The same value for objects that differ in the order of their members only. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, canonical(member)]));
}
