import type { JWTPayload } from 'jose';
import type { ExchangeRequest } from './grant.js';
import { single } from './received-request.js';
import { Refusal } from './refusal.js';
import { isPublic, type RegisteredClient } from './registry.js';

/** What products that exchange tokens share, for their dialects to put together. */

/** @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2.1 RFC 8693, section 2.1} */
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-3 RFC 8693, section 3} */
export const TokenType = {
  accessToken: 'urn:ietf:params:oauth:token-type:access_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
} as const;

/** The claims of a token that somebody gave the client. */
export interface PresentedToken extends JWTPayload {
  readonly sub: string;
}

/** What a token request carries to exchange an access token for one to an audience. */
export function exchangeParameters(token: string, audience: string): Readonly<Record<string, string>> {
  return { subject_token: token, subject_token_type: TokenType.accessToken, audience };
}

/** @throws Refusal if the client may not exchange tokens */
export function checkMayExchange(client: RegisteredClient): void {
  if (!(client.tokenExchange ?? !isPublic(client))) throw new Refusal('exchange_not_granted', client.id);
}

/** @throws Refusal without the parameter, and for a token that is not of this server, not valid now or revoked */
export async function presentedToken({ parameters, read }: ExchangeRequest, name: string): Promise<PresentedToken> {
  const token = required({ parameters }, name);
  const claims = await read(token);
  if (claims?.sub === undefined) throw new Refusal('bad_token', name);
  return { ...claims, sub: claims.sub };
}

/** @throws Refusal without the parameter, and for a type that is not supported */
export function requiredType(
  request: Pick<ExchangeRequest, 'parameters'>,
  name: string,
  supported: readonly string[],
): void {
  required(request, name);
  requestedType(request, name, supported);
}

/** The type that a parameter names, if it is there. @throws Refusal for one that is not supported */
export function requestedType(
  { parameters }: Pick<ExchangeRequest, 'parameters'>,
  name: string,
  supported: readonly string[],
): string | undefined {
  const type = single(parameters, name);
  if (type !== undefined && !supported.includes(type)) throw new Refusal('unsupported_token_type', name);
  return type;
}

/** What a token is for. */
export function audienceOf({ aud = [] }: JWTPayload): readonly string[] {
  return [aud].flat();
}

function required({ parameters }: Pick<ExchangeRequest, 'parameters'>, name: string): string {
  const value = single(parameters, name);
  if (value === undefined) throw new Refusal('missing_parameter', name);
  return value;
}
