import type { TokenErrorAnswer, TokenParameters } from '../../../authorization-servers/authorization-server.js';
import type { ResolvedAuthorizationServer } from '../../../options/authorization-server-fields.js';
import type { RequestedToken } from '../../events/requested-token.js';

/** The parameters of a token request, without those that client authentication adds. */
export type WireParameters = Readonly<Record<string, unknown>>;

/** What a grant reads of a token that was issued for it. */
export interface IssuedValue {
  readonly value: string;
  /** Milliseconds. */
  readonly lifetime: number;
}

/**
 * An authorization grant: what a token request presents to the token endpoint.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-1.3 RFC 6749, section 1.3}
 */
export interface Grant {
  /** `grant_type` of the request. */
  readonly grantType: string;
  /** What the token is requested for, for events and messages. */
  readonly requested: RequestedToken;
  /** Whether a token is renewed before it expires. */
  readonly renewsAhead: boolean;
  /** Whether other processes may use the token. */
  readonly isShareable: boolean;
  /** Whose failures and budget its requests count for; `undefined`: the client's own. It holds no secret. */
  readonly caller?: string | undefined;
  /** What `aud` of its token must name, one of these. @default `accept` leaves it unchecked */
  readonly expectedAudience?: readonly string[] | undefined;
  /** The same parameters at every call. */
  parameters(): WireParameters;
  /**
   * Checks a token that was issued for it, and shortens its lifetime if need be. @default any token is accepted
   *
   * @param members of the answer
   * @param now milliseconds since the epoch
   * @throws TokenEndpointError, NoCallerTokenError
   */
  accept?<Token extends IssuedValue>(token: Token, members: Readonly<Record<string, unknown>>, now: number): Token;
  /** What to look at after a refusal of its requests. @default what is known of client credentials */
  advice?(answer: TokenErrorAnswer): string | undefined;
}

/**
 * The parameters of a token request in the words of the server. Empty ones are left out.
 *
 * @throws M2MConfigurationError for a field that the server does not understand
 */
export function wireParameters(
  server: Pick<ResolvedAuthorizationServer, 'tokenParameters'>,
  { audience, resource, scope, organization, parameters }: TokenParameters,
  grantType: string,
): WireParameters {
  const request = { audience, resource, scope, organization, parameters, grantType };
  const written = Object.entries(server.tokenParameters(request));
  return Object.freeze(Object.fromEntries(written.filter(([, value]) => !isEmpty(value))));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
