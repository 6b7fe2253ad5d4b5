import { decodeJwt } from 'jose';
import {
  processClientCredentialsResponse,
  type AuthorizationServer as StandardServer,
  type Client as StandardClient,
} from 'oauth4webapi';
import type { Claims } from '../../../authorization-servers/authorization-server.js';
import { readScopes } from '../../../authorization-servers/scopes.js';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import { bearer } from '../../requests/schemes/bearer.js';
import type { ResolvedClient } from '../../../options/resolved-options.js';
import { isTokenText, type IssuedToken } from '../token/cached-token.js';
import { parsed } from './token-error-response.js';

const UNKNOWN_LIFETIME = 300;
/** Seconds, a year: beyond that a lifetime says "for ever". */
const LONGEST_LIFETIME = 365 * 24 * 60 * 60;

/** An answer without any token in it. Something between here and the token endpoint may have given it. */
export class NoTokenResponse extends Error {
  constructor() {
    super('it has no access_token');
  }
}

/**
 * Reads the token out of a successful answer.
 *
 * Only the members used are looked at: an ID token or a refresh token may come along, and is nobody's business.
 *
 * @throws TokenEndpointError where it is not a token response
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.1 RFC 6749, section 5.1}
 */
export async function readTokenResponse(
  body: string,
  { authorizationServer, clientId }: ResolvedClient,
): Promise<IssuedToken> {
  const { access_token, token_type, scope, expires_in } = parsed(body);
  if (access_token === undefined) {
    const cause = new NoTokenResponse();
    throw new TokenEndpointError(`its answer is not a token response: ${cause.message}`, { cause });
  }
  const lifetime = statedLifetime(expires_in);
  const server: StandardServer = { issuer: authorizationServer.issuer };
  const client: StandardClient = { client_id: clientId };
  const answer = Response.json({ access_token, token_type, scope: scope ?? undefined });
  const token = await processClientCredentialsResponse(server, client, answer).catch((error: unknown) => {
    // Its cause holds the whole answer.
    throw new TokenEndpointError(`its answer is not a token response: ${(error as Error).message}`);
  });
  const { tokenType } = bearer;
  if (token.token_type !== tokenType.toLowerCase()) {
    throw new TokenEndpointError(`its answer has a token_type other than ${tokenType}`);
  }
  if (!isTokenText(token.access_token)) {
    throw new TokenEndpointError('its answer has an access_token with characters that no token may have');
  }
  const claims = decodeClaims(token.access_token);
  const seconds = Math.min(lifetime ?? claimedLifetime(claims) ?? UNKNOWN_LIFETIME, LONGEST_LIFETIME);
  return {
    value: token.access_token,
    lifetime: seconds * 1000,
    scope: grantedScope(token.scope, claims, authorizationServer.absentScope),
  };
}

function statedLifetime(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const seconds = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new TokenEndpointError('its answer has an expires_in that is no number of seconds');
}

function claimedLifetime(claims: Claims | undefined): number | undefined {
  const lifetime = Number(claims?.['exp']) - Number(claims?.['iat']);
  return Number.isFinite(lifetime) && lifetime > 0 ? lifetime : undefined;
}

/** The scopes granted: as the answer says, else as the token says, else as the server means it. */
function grantedScope(
  stated: string | undefined,
  claims: Claims | undefined,
  absentScope: 'as-asked' | 'none' | undefined,
): readonly string[] | undefined {
  const scope = stated ?? claims?.['scope'] ?? claims?.['scp'];
  if (scope !== undefined) return readScopes(scope);
  return absentScope === 'none' ? [] : undefined;
}

/** Not verified: the token came from the token endpoint itself. */
function decodeClaims(token: string): Claims | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}
