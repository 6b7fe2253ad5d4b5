import { oidc } from '../../lib/authorization-servers/oidc.js';
import type { M2MNamedClientOptions } from '../../lib/options/client-options.js';
import { resolveOptions } from '../../lib/options/resolve-options.js';
import type { ResolvedClient } from '../../lib/options/resolved-options.js';

/** A client's options as the module resolves them, with what a test does not care about filled in. */
export function resolvedClient(options: Partial<M2MNamedClientOptions> = {}): ResolvedClient {
  const { client } = resolveOptions({
    client: {
      authorizationServer: oidc({ issuer: 'https://id.example.com' }),
      clientId: 'orders',
      clientSecret: 'orders-secret',
      ...options,
    },
  });
  if (!client) throw new Error('no client');
  return client;
}
