import type { TokenParameters } from '../../../authorization-servers/authorization-server.js';
import type { ResolvedAuthorizationServer } from '../../../options/authorization-server-fields.js';
import { requestedToken } from '../../events/requested-token.js';
import { wireParameters, type Grant } from './grant.js';

const GRANT_TYPE = 'client_credentials';

type Server = Pick<ResolvedAuthorizationServer, 'tokenParameters'>;

/**
 * The client asks for a token of its own.
 *
 * @throws M2MConfigurationError for a field that the server does not understand
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 RFC 6749, section 4.4}
 */
export function clientCredentials(server: Server, request: TokenParameters): Grant {
  const parameters = wireParameters(server, request, GRANT_TYPE);
  return Object.freeze({
    grantType: GRANT_TYPE,
    requested: requestedToken(request),
    renewsAhead: true,
    isShareable: true,
    parameters: () => parameters,
  });
}
