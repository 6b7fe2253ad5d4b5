import { expect } from '@jest/globals';
import { clientSecretBasicAuthenticator } from '../../../lib/client-authentication/client-secret-basic.js';
import { authenticatedRequest } from '../../support/authenticated-request.js';
import type { RealServer } from './real-server.js';

/** A client that authenticates by Basic. */
export type BasicClient = RealServer['clients']['client_secret_basic'];

/** A request of a client to an endpoint that the metadata names. */
export async function post(
  issuer: string,
  endpoint: 'token_endpoint' | 'revocation_endpoint',
  { clientId = '', clientSecret, clientAuthentication }: BasicClient,
  parameters: Readonly<Record<string, string>>,
): Promise<Response> {
  const found = await fetch(`${issuer}/.well-known/openid-configuration`);
  const metadata = (await found.json()) as Record<typeof endpoint, string>;
  const client = { clientId, credential: clientSecret };
  const { headers } = await authenticatedRequest(clientSecretBasicAuthenticator, clientAuthentication, client);
  return fetch(metadata[endpoint], { method: 'POST', headers, body: new URLSearchParams(parameters) });
}

/** Ends a token of a client. @see {@link https://www.rfc-editor.org/rfc/rfc7009#section-2.1 RFC 7009, section 2.1} */
export async function revoke(issuer: string, client: BasicClient, token: string): Promise<void> {
  const parameters = { token, token_type_hint: 'access_token' };
  expect((await post(issuer, 'revocation_endpoint', client, parameters)).status).toBe(200);
}
