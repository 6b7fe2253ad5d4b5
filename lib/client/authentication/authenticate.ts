import { ClientSecretPost, None, type ClientAuth } from 'oauth4webapi';
import type { ResolvedClient } from '../../options/resolved-options.js';
import { basic } from './basic.js';
import type { ClientSecret } from './client-secret.js';

/** What puts a client's credentials on a token request. */
export async function authenticate(
  { clientAuthentication }: ResolvedClient,
  secret: ClientSecret,
): Promise<ClientAuth> {
  switch (clientAuthentication.method) {
    case 'client_secret_basic':
      return basic(await secret.value(), clientAuthentication.encoding);
    case 'client_secret_post':
      return ClientSecretPost(await secret.value());
    default:
      clientAuthentication.method satisfies 'none';
      return None();
  }
}
