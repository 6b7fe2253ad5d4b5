import type { Claims } from '../../authorization-servers/authorization-server.js';
import { standardReadClaims } from '../../authorization-servers/standard.js';
import type { ResolvedIssuer } from '../../options/resolved-options.js';

/**
 * Whether a token, as it describes itself, is of an accepted issuer and not plainly a user's.
 *
 * Nothing of it is verified. It is read as leniently as anybody might read it who accepts it in the end.
 */
export function isMachineToken(token: string, issuers: readonly ResolvedIssuer[]): boolean {
  const claims = peek(token);
  const issuer = issuers.find(({ authorizationServer: server }) =>
    (server.acceptedIssuers ?? [server.issuer]).some((each) => each === claims?.['iss']),
  );
  if (!claims || !issuer) return false;
  try {
    const { authorizationServer: server, audience } = issuer;
    const { kind } = server.readClaims?.(claims, audience ?? []) ?? standardReadClaims(claims);
    return kind !== 'user';
  } catch {
    return true;
  }
}

function peek(token: string): Claims | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? (claims as Claims) : undefined;
  } catch {
    return undefined;
  }
}
