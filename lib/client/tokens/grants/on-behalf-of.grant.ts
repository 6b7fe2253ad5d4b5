import type { ResolvedAuthorizationServer } from '../../../options/authorization-server-fields.js';
import type { ExchangeParameters } from './exchange-parameters.js';
import type { Grant } from './grant.js';
import { exchangeOf } from './token-exchange.grant.js';

/**
 * The client asks for a token on behalf of a user, as Entra ID has it: the token of the user is an assertion (RFC 7523).
 *
 * @throws M2MConfigurationError for a field that the server does not understand
 * @see {@link https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow Microsoft: on-behalf-of flow}
 */
export function onBehalfOf(
  server: Pick<ResolvedAuthorizationServer, 'name' | 'tokenParameters' | 'tokenExchange'>,
  request: ExchangeParameters,
): Grant {
  return exchangeOf(server, request, { assertion: request.subject.value, requested_token_use: 'on_behalf_of' });
}
