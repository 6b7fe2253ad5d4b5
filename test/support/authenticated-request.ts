import type {
  AuthenticationRequest,
  ClientAuthenticator,
} from '../../lib/client-authentication/client-authenticator.js';
import { TestClock } from '../../lib/testing/test-clock.js';

/** What a token request of the client `orders` holds after authentication. */
export async function authenticatedRequest<Authentication extends { readonly method: string }, Credential = string>(
  authenticator: ClientAuthenticator<Authentication, Credential>,
  authentication: Authentication,
  request: Partial<AuthenticationRequest<Authentication, Credential>> = {},
) {
  const clock = new TestClock();
  const { clientId = 'orders' } = request;
  const authenticate = await authenticator.authenticate({
    authentication,
    clientId,
    credential: '' as Credential,
    assertionAudience: 'https://id.example.com',
    tokenEndpoint: () => 'https://id.example.com//token',
    clock,
    ...request,
  });
  const body = new URLSearchParams();
  const headers = new Headers();
  await authenticate({ issuer: 'https://id.example.com' }, { client_id: clientId }, body, headers);
  return { clock, body: Object.fromEntries(body), headers: Object.fromEntries(headers) };
}
