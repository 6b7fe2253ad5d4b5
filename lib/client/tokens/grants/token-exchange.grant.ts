import type { ResolvedAuthorizationServer } from '../../../options/authorization-server-fields.js';
import { exchangeGrantType } from '../../../options/token-exchange.js';
import { requestedToken } from '../../events/requested-token.js';
import { exchangeAdvice } from './exchange-advice.js';
import type { ExchangeParameters } from './exchange-parameters.js';
import { acceptExchanged } from './exchanged-token.js';
import { wireParameters, type Grant, type WireParameters } from './grant.js';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

type Server = Pick<ResolvedAuthorizationServer, 'name' | 'tokenParameters' | 'tokenExchange'>;

/**
 * The client asks for a token in exchange for that of a caller.
 *
 * @throws M2MConfigurationError for a field that the server does not understand
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2.1 RFC 8693, section 2.1}
 */
export function tokenExchange(server: Server, request: ExchangeParameters): Grant {
  const { subject, actor, exchange } = request;
  return exchangeOf(server, request, {
    subject_token: subject.value,
    subject_token_type: exchange.subjectTokenType,
    ...(exchange.requestedTokenType !== undefined && { requested_token_type: exchange.requestedTokenType }),
    ...(actor !== undefined && { actor_token: actor, actor_token_type: ACCESS_TOKEN }),
  });
}

/**
 * What all exchanges have in common: the token is the caller's, and so are its failures and its budget.
 *
 * @param presented the parameters that hold the token of the caller
 */
export function exchangeOf(server: Server, request: ExchangeParameters, presented: WireParameters): Grant {
  const grantType = exchangeGrantType(server);
  const parameters = Object.freeze({ ...wireParameters(server, request, grantType), ...presented });
  const { issuer, clientId } = request.subject.caller;
  return Object.freeze({
    grantType,
    requested: requestedToken(request),
    renewsAhead: false,
    isShareable: false,
    caller: JSON.stringify([issuer, clientId]),
    expectedAudience: request.expectedAudience,
    parameters: () => parameters,
    accept: (token, members, now) => acceptExchanged(request, token, members, now),
    advice: (answer) => exchangeAdvice(answer, server.name),
  } satisfies Grant);
}
