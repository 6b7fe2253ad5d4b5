import { checkOptions, knownOptions } from '../options/check-arguments.js';
import type { TestTokenOptions } from '../options/test-authorization-server-options.js';
import { issuerOf, type AuthorizationServerState } from './authorization-server-state.js';
import { registered } from './registry.js';
import type { TokenOrder } from './token-issuer.js';

/**
 * Fills in what a test left open: the first client, the first resource, every scope that the client may have there.
 *
 * @throws M2MConfigurationError
 */
export function orderToken(state: AuthorizationServerState, options: TestTokenOptions): TokenOrder {
  checkOptions('mint', options, knownOptions.token);
  const { registry, dialect } = state;
  const { clientId = registry.firstClientId } = options;
  // Any client will do: a test of who may not call needs tokens of those who may not.
  const client = registry.find(clientId) ?? registered(clientId, {});
  const audience = [options.audience ?? registry.resourcesOf(client)[0] ?? []].flat();
  const scope =
    options.scope === undefined
      ? audience.flatMap((resource) => registry.grantable(client, resource))
      : [options.scope].flat().flatMap((value) => value.split(' ').filter(Boolean));
  return {
    client,
    audience,
    scope: scope.map((name) => dialect.wireScope(audience[0] ?? '', name)),
    organization: options.organization,
    user: options.user,
    issuer: issuerOf(state),
    lifetime: options.expiresIn,
    claims: options.claims,
    header: options.header,
    format: options.format,
  };
}
