import { genericTokenEndpointRequest, type AuthorizationServer, type ClientAuth } from 'oauth4webapi';
import { buildRequest, type BuiltRequest } from '../../../http/built-request.js';
import type { Grant, WireParameters } from '../grants/grant.js';

/** Builds a token request. */
export function buildTokenRequest(
  server: AuthorizationServer,
  clientId: string,
  authentication: ClientAuth,
  grant: Grant,
): Promise<BuiltRequest> {
  const client = { client_id: clientId };
  const form = formBody(grant.parameters());
  return buildRequest((options) =>
    genericTokenEndpointRequest(server, client, authentication, grant.grantType, form, options),
  );
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
