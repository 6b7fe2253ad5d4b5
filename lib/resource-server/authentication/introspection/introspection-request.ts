import { allowInsecureRequests, customFetch, introspectionRequest, type ClientAuth } from 'oauth4webapi';

/** A request that asks about a token, ready to be sent. */
export interface BuiltIntrospectionRequest {
  readonly url: string;
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Builds an introspection request with oauth4webapi. It is not sent here, but by AuthorizationServerHttp.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2.1 RFC 7662, section 2.1}
 */
export function buildIntrospectionRequest(
  server: { readonly issuer: string; readonly introspection_endpoint: string },
  clientId: string,
  authentication: ClientAuth,
  token: string,
): Promise<BuiltIntrospectionRequest> {
  return new Promise((resolve, reject) => {
    introspectionRequest(server, { client_id: clientId }, authentication, token, {
      [customFetch](url, { headers, body }) {
        // Without a charset, which some servers refuse.
        const sent = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
        resolve({ url, method: 'POST', headers: sent, body: body.toString() });
        return Promise.resolve(new Response());
      },
      headers: undefined,
      signal: undefined,
      additionalParameters: { token_type_hint: 'access_token' },
      // An answer that is signed (RFC 9701) would have to be verified.
      requestJwtResponse: false,
      // AuthorizationServerHttp refuses insecure requests, and knows loopback hosts.
      [allowInsecureRequests]: true,
    }).catch(reject);
  });
}
