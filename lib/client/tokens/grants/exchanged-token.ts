import { decodeJwt } from 'jose';
import { TokenEndpointError } from '../../../errors/token-endpoint.error.js';
import { NoCallerTokenError } from '../../../errors/no-caller-token.error.js';
import type { ExchangeParameters } from './exchange-parameters.js';
import type { IssuedValue } from './grant.js';

/** The types of a token that can be sent as one (RFC 8693, section 3). */
const TOKEN_TYPES: ReadonlySet<unknown> = new Set([
  undefined,
  'urn:ietf:params:oauth:token-type:access_token',
  'urn:ietf:params:oauth:token-type:jwt',
]);

/**
 * The token that came of an exchange: for the target, and used no longer than the token of the caller.
 *
 * @param members of the answer
 * @param now milliseconds since the epoch
 * @throws TokenEndpointError for a token of another type, and for a JWT whose `aud` does not name the target
 * @throws NoCallerTokenError if the token of the caller has expired meanwhile
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1 RFC 8693, section 2.2.1}
 */
export function acceptExchanged<Token extends IssuedValue>(
  { subject, expectedAudience }: ExchangeParameters,
  token: Token,
  members: Readonly<Record<string, unknown>>,
  now: number,
): Token {
  if (!TOKEN_TYPES.has(members['issued_token_type'])) {
    throw new TokenEndpointError('its answer has an issued_token_type that is neither an access token nor a JWT');
  }
  const audience = audienceOf(token.value);
  if (expectedAudience && audience && !expectedAudience.some((each) => audience.includes(each))) {
    const expected = expectedAudience.join(' or ');
    throw new TokenEndpointError(
      `the exchanged token is not sent: its aud does not name ${expected}. ` +
        'Check audience, or write exchange: { audience } with what the server puts into aud',
    );
  }
  const rest = subject.caller.expiresAt - now;
  if (rest <= 0) throw new NoCallerTokenError("the caller's token has expired");
  return { ...token, lifetime: Math.min(token.lifetime, rest) };
}

/** `undefined` for what is no JWT. It is not verified: it came from the token endpoint itself. */
function audienceOf(token: string): readonly unknown[] | undefined {
  try {
    return [decodeJwt(token)['aud'] as unknown].flat();
  } catch {
    return undefined;
  }
}
