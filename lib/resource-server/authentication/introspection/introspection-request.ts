import { introspectionRequest, type ClientAuth } from 'oauth4webapi';
import { buildRequest, type BuiltRequest } from '../../../http/built-request.js';

/**
 * Builds a request that asks about a token.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2.1 RFC 7662, section 2.1}
 */
export function buildIntrospectionRequest(
  server: { readonly issuer: string; readonly introspection_endpoint: string },
  clientId: string,
  authentication: ClientAuth,
  token: string,
): Promise<BuiltRequest> {
  return buildRequest((options) =>
    introspectionRequest(server, { client_id: clientId }, authentication, token, {
      ...options,
      additionalParameters: { token_type_hint: 'access_token' },
      // An answer that is signed (RFC 9701) would have to be verified.
      requestJwtResponse: false,
    }),
  );
}
