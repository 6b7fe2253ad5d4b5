import { issuerOf, originOf, type AuthorizationServerState } from './authorization-server-state.js';
import type { Answer, ReceivedRequest } from './received-request.js';

/**
 * The metadata, as OpenID Connect Discovery and RFC 8414 have it in common.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 RFC 8414, section 2}
 */
export function metadataEndpoint(state: AuthorizationServerState, request: ReceivedRequest): Answer {
  const { dialect, registry, keys } = state;
  const { token, keys: keySet, introspection, revocation } = dialect.paths;
  const at = (path: string | undefined): string | undefined => (path ? originOf(state, request) + path : undefined);
  const { methods } = dialect.clientAuthentication;
  const scopes = registry.resources.flatMap((resource) =>
    registry.scopesOf(resource).map((scope) => dialect.wireScope(resource, scope)),
  );
  return {
    status: 200,
    body: {
      issuer: issuerOf(state, request),
      authorization_endpoint: at('/authorize'),
      token_endpoint: at(token),
      jwks_uri: at(keySet),
      introspection_endpoint: at(introspection),
      revocation_endpoint: at(revocation),
      grant_types_supported: ['client_credentials', dialect.exchange?.grantType ?? []].flat(),
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      scopes_supported: [...new Set(scopes)],
      id_token_signing_alg_values_supported: [keys.current.alg],
      token_endpoint_auth_methods_supported: methods,
      ...dialect.metadata,
    },
  };
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-5 RFC 7517, section 5} */
export function keySetEndpoint({ keys }: AuthorizationServerState): Answer {
  return { status: 200, body: { keys: keys.published } };
}
