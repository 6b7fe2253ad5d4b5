import { systemClock } from '../../time/clock.js';
import type { TestAuthorizationServerOptions } from '../options/test-authorization-server-options.js';
import type { AuthorizationServerState } from './authorization-server-state.js';
import { ClientVerifier } from './client-verifier.js';
import type { Dialect } from './dialect.js';
import { KeyRing } from './key-ring.js';
import { Quotas } from './quota.js';
import { Registry } from './registry.js';
import { TokenIssuer } from './token-issuer.js';

/**
 * What the endpoints of a new server share, without the origin that it will listen at.
 *
 * @throws TypeError without a client, or without a resource
 */
export async function createState(
  dialect: Dialect,
  options: TestAuthorizationServerOptions,
): Promise<Omit<AuthorizationServerState, 'origin'>> {
  const { clock = systemClock, signingAlg, loopbackHostsOnly = false, allowedOrigins = [] } = options;
  const registry = new Registry(options);
  const keys = await KeyRing.create({ ...dialect.keySet, ...(signingAlg && { alg: signingAlg }) });
  return {
    dialect,
    clock,
    registry,
    keys,
    clientVerifier: new ClientVerifier(dialect.clientAuthentication, registry, clock),
    tokens: new TokenIssuer(dialect, keys, clock),
    quotas: new Quotas(clock, (states) => dialect.quotaHeaders(states)),
    loopbackHostsOnly,
    allowedOrigins,
  };
}
