import type { TokenParameters } from '../authorization-servers/authorization-server.js';
import { isText } from '../validation/checks.js';
import { section, type FieldsOf, type Values } from '../validation/fields.js';
import { field, oneOf, text } from '../validation/field-types.js';
import type { Problems } from '../validation/problems.js';
import type { M2MTokenExchangeOptions } from './client-options.js';
import type { ResolvedAuthorizationServer } from './authorization-server-fields.js';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

const EXCHANGE_FIELDS = {
  requestedTokenType: text('urn:ietf:params:oauth:token-type:jwt'),
  subjectTokenType: field({ accepts: isText, example: `'${ACCESS_TOKEN}'`, default: ACCESS_TOKEN }),
  actor: oneOf(['none', 'client'], 'none'),
  audience: field({
    accepts: (value): value is string | readonly string[] | null =>
      value === null || isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText)),
    example: "'https://shop-api'",
  }),
} as const satisfies FieldsOf<M2MTokenExchangeOptions>;

/** `exchange` of a target. */
export const TOKEN_EXCHANGE = section(EXCHANGE_FIELDS);

/** How the token of a caller is exchanged for a target. */
export type ResolvedExchange = Values<typeof EXCHANGE_FIELDS>;

/** The `grant_type` of an exchange (RFC 8693, section 2.1; RFC 7523, section 2.1). */
export function exchangeGrantType({ tokenExchange }: Pick<ResolvedAuthorizationServer, 'tokenExchange'>): string {
  return tokenExchange === 'on-behalf-of'
    ? 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    : 'urn:ietf:params:oauth:grant-type:token-exchange';
}

/**
 * What the `aud` of an exchanged token must name, one of these; none if there is nothing to compare it with, `undefined` if it
 * is not checked.
 */
export function expectedAudience(
  { audience, resource, scope }: TokenParameters,
  exchange: ResolvedExchange,
): readonly string[] | undefined {
  if (exchange.audience === null) return undefined;
  if (exchange.audience !== undefined) return [exchange.audience].flat();
  const ofScopes = scope.filter((each) => each.endsWith('/.default')).map((each) => each.slice(0, -'/.default'.length));
  return [audience ?? [], resource, ofScopes].flat();
}

/** Adds the problems that a client has with an exchange. @param server `undefined`: a function gets the client's tokens */
export function checkExchange(
  problems: Problems,
  at: string,
  server: Pick<ResolvedAuthorizationServer, 'name' | 'tokenExchange'> | undefined,
  request: TokenParameters,
  exchange: ResolvedExchange,
): void {
  if (server?.tokenExchange === 'none' || !server) {
    const who = server ? `${server.name} exchanges no tokens` : 'accessTokenProvider exchanges no tokens';
    problems.add(`${at}.token`, `is 'exchange', and ${who}`, "token: 'own'\nor token: 'relay'");
    return;
  }
  if (expectedAudience(request, exchange)?.length !== 0) return;
  const problem = 'is missing, and neither audience nor resource says what the exchanged token must be for';
  const remedy =
    "exchange: { audience: 'https://shop-api' }\nor exchange: { audience: null } to send it whatever it is for";
  problems.add(`${at}.exchange.audience`, problem, remedy);
}
