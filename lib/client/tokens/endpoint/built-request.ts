import {
  allowInsecureRequests,
  customFetch,
  genericTokenEndpointRequest,
  type AuthorizationServer,
  type ClientAuth,
  type CustomFetchOptions,
} from 'oauth4webapi';
import type { Grant } from '../grants/grant.js';
import { formBody } from './request-body.js';

/** A token request that is ready to be sent. */
export interface BuiltRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: URLSearchParams;
}

/** Builds a token request with oauth4webapi. The request is not sent here, but by AuthorizationServerHttp. */
export function buildRequest(
  server: AuthorizationServer,
  clientId: string,
  authentication: ClientAuth,
  grant: Grant,
): Promise<BuiltRequest> {
  return new Promise((resolve, reject) => {
    const capture = (
      url: string,
      { headers, body }: CustomFetchOptions<'POST', URLSearchParams>,
    ): Promise<Response> => {
      resolve({ url, headers, body });
      return Promise.resolve(new Response());
    };
    genericTokenEndpointRequest(
      server,
      { client_id: clientId },
      authentication,
      grant.grantType,
      formBody(grant.parameters()),
      // AuthorizationServerHttp refuses insecure requests, and knows loopback hosts.
      { [customFetch]: capture, [allowInsecureRequests]: true },
    ).catch(reject);
  });
}
