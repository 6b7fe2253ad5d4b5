import type { TokenParameters } from '../../../authorization-servers/authorization-server.js';
import type { ResolvedAuthorizationServer } from '../../../options/authorization-server-fields.js';
import { requestedToken } from '../../events/requested-token.js';
import type { Grant, WireParameters } from './grant.js';

type Server = Pick<ResolvedAuthorizationServer, 'tokenParameters'>;

/**
 * The client asks for a token of its own.
 *
 * @throws M2MConfigurationError for a field that the server does not understand
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 RFC 6749, section 4.4}
 */
export function clientCredentials(server: Server, request: TokenParameters): Grant {
  const parameters = wireParameters(server, request);
  return Object.freeze({
    grantType: 'client_credentials',
    requested: requestedToken(request),
    renewsAhead: true,
    isShareable: true,
    parameters: () => parameters,
  });
}

/**
 * The parameters of a token request in the words of the server. Empty ones are left out.
 *
 * @throws M2MConfigurationError for a field that the server does not understand
 */
function wireParameters(server: Server, request: TokenParameters): WireParameters {
  const parameters = Object.entries(server.tokenParameters(request));
  return Object.freeze(Object.fromEntries(parameters.filter(([, value]) => !isEmpty(value))));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
