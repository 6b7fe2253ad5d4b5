import type { TokenParameters } from '../../../authorization-servers/authorization-server.js';
import type { ResolvedAuthorizationServer } from '../../../options/authorization-server-fields.js';
import type { Grant } from './grant.js';
import { requestedToken } from './requested-token.js';
import { wireParameters } from './wire-parameters.js';

/**
 * The client asks for a token of its own.
 *
 * @throws M2MConfigurationError for a field that the server does not understand
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 RFC 6749, section 4.4}
 */
export function clientCredentials(
  server: Pick<ResolvedAuthorizationServer, 'tokenParameters'>,
  request: TokenParameters,
): Grant {
  const parameters = wireParameters(server, request);
  return Object.freeze({
    grantType: 'client_credentials',
    requested: requestedToken(request),
    renewsAhead: true,
    isShareable: true,
    parameters: () => parameters,
  });
}
