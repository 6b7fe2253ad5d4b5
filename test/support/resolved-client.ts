import { oidc } from '../../lib/authorization-servers/oidc.js';
import type { M2MNamedClientOptions } from '../../lib/options/client-options.js';
import { resolveOptions } from '../../lib/options/resolve-options.js';
import type {
  ResolvedClient,
  ResolvedOAuthClient,
  ResolvedProviderClient,
} from '../../lib/options/resolved-options.js';

/** A client's options as the module resolves them, with what a test does not care about filled in. */
export function resolvedClient(options: Partial<M2MNamedClientOptions> = {}): ResolvedOAuthClient {
  const client = resolved({
    authorizationServer: oidc({ issuer: 'https://id.example.com' }),
    clientId: 'orders',
    clientSecret: 'orders-secret',
    ...options,
  });
  if (client.accessTokenProvider) throw new Error('a function gets its tokens');
  return client;
}

/** The same for a client whose tokens a function gets. */
export function resolvedProviderClient(options: M2MNamedClientOptions): ResolvedProviderClient {
  const client = resolved(options);
  if (!client.accessTokenProvider) throw new Error('an authorization server issues its tokens');
  return client;
}

function resolved(options: M2MNamedClientOptions): ResolvedClient {
  const { client } = resolveOptions({ client: options });
  if (!client) throw new Error('no client');
  return client;
}
