import {
  allowInsecureRequests,
  customFetch,
  genericTokenEndpointRequest,
  type AuthorizationServer,
  type ClientAuth,
  type TokenEndpointRequestOptions,
} from 'oauth4webapi';
import type { Grant, WireParameters } from '../grants/grant.js';

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
    const options: TokenEndpointRequestOptions = {
      [customFetch](url, { headers, body }) {
        resolve({ url, headers, body });
        return Promise.resolve(new Response());
      },
      headers: undefined,
      signal: undefined,
      // AuthorizationServerHttp refuses insecure requests, and knows loopback hosts.
      [allowInsecureRequests]: true,
    };
    const client = { client_id: clientId };
    const form = formBody(grant.parameters());
    genericTokenEndpointRequest(server, client, authentication, grant.grantType, form, options).catch(reject);
  });
}

/** Parameters as a form. A list repeats its parameter; a nested value becomes JSON. */
function formBody(parameters: WireParameters): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      form.append(name, typeof item === 'object' ? JSON.stringify(item) : String(item));
    }
  }
  return form;
}

/** Parameters as JSON, which keeps nested values. @param form the same parameters, and those that authenticate the client */
export function jsonBody(parameters: WireParameters, form: URLSearchParams): string {
  const kept = Object.entries(parameters).filter(([, value]) => typeof value !== 'string');
  return JSON.stringify({ ...Object.fromEntries(form), ...Object.fromEntries(kept) });
}
