import { ClientSecretPost, None, type ClientAuth } from 'oauth4webapi';
import type { Clock } from '../time/clock.js';
import type { ResolvedClient } from '../options/resolved-options.js';
import { asserting, keyAssertion, secretAssertion } from './assertion.js';
import { basic } from './basic.js';

/**
 * What puts a client's credentials on one token request.
 *
 * @param credentials the client's secret, or an assertion that somebody else made; empty where it has neither
 */
export async function authenticate(client: ResolvedClient, credentials: string, clock: Clock): Promise<ClientAuth> {
  const { clientAuthentication } = client;
  switch (clientAuthentication.method) {
    case 'client_secret_basic':
      return basic(credentials, clientAuthentication.encoding);
    case 'client_secret_post':
      return ClientSecretPost(credentials);
    case 'client_secret_jwt':
      return secretAssertion(client, credentials, clock);
    case 'private_key_jwt':
      return keyAssertion(client, clientAuthentication, clock);
    case 'client_assertion':
      return asserting(credentials, clientAuthentication.type);
    case 'tls_client_auth':
    case 'none':
    default:
      // The certificate goes with the connection; the request names the client only.
      return None();
  }
}
