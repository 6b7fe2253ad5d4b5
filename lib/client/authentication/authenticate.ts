import { ClientSecretPost, None, type ClientAuth } from 'oauth4webapi';
import type { Clock } from '../../clock.js';
import type { ResolvedClient } from '../../options/resolved-options.js';
import { foreignAssertion, keyAssertion, secretAssertion } from './assertion.js';
import { basic } from './basic.js';

/**
 * What puts a client's credentials on one token request.
 *
 * @param secret empty where the client has none
 */
export async function authenticate(client: ResolvedClient, secret: string, clock: Clock): Promise<ClientAuth> {
  const { clientAuthentication } = client;
  switch (clientAuthentication.method) {
    case 'client_secret_basic':
      return basic(secret, clientAuthentication.encoding);
    case 'client_secret_post':
      return ClientSecretPost(secret);
    case 'client_secret_jwt':
      return secretAssertion(client, secret, clock);
    case 'private_key_jwt':
      return keyAssertion(client, clientAuthentication, clock);
    case 'client_assertion':
      return foreignAssertion(clientAuthentication);
    case 'tls_client_auth':
    case 'none':
    default:
      // The certificate goes with the connection; the request names the client only.
      return None();
  }
}
