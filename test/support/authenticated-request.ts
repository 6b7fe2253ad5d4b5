import type {
  AuthenticationRequest,
  ClientAuthenticator,
} from '../../lib/client-authentication/client-authenticator.js';
import { TestClock } from '../../lib/testing/test-clock.js';

/** What a token request of the client `orders` holds after authentication. */
export async function authenticatedRequest<Authentication extends { readonly method: string }>(
  authenticator: ClientAuthenticator<Authentication>,
  authentication: Authentication,
  request: Partial<AuthenticationRequest<Authentication>> = {},
) {
  const clock = new TestClock();
  const { clientId = 'orders' } = request;
  const authenticate = await authenticator.authenticate({
    authentication,
    clientId,
    credential: '',
    assertionAudience: 'https://id.example.com',
    tokenEndpoint: 'https://id.example.com//token',
    clock,
    ...request,
  });
  const body = new URLSearchParams();
  const headers = new Headers();
  await authenticate({ issuer: 'https://id.example.com' }, { client_id: clientId }, body, headers);
  return { clock, body: Object.fromEntries(body), headers: Object.fromEntries(headers) };
}
