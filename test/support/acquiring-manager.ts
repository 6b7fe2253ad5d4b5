import type { TokenParameters } from '../../lib/authorization-servers/authorization-server.js';
import { noCounts } from '../../lib/client/events/stats.js';
import { clientCredentials } from '../../lib/client/tokens/grants/client-credentials.grant.js';
import { TokenManager } from '../../lib/client/tokens/token-manager.js';
import type { TokenAcquirer } from '../../lib/client/tokens/token/token-acquirer.js';
import type { ResolvedOAuthClient } from '../../lib/options/resolved-options.js';
import type { TestClock } from '../../lib/testing/test-clock.js';
import { Sleeper } from '../../lib/time/sleeper.js';

/** A token manager whose tokens come from a function in place of an endpoint. */
export function acquiringManager(
  client: ResolvedOAuthClient,
  clock: TestClock,
  acquire: TokenAcquirer['acquire'],
): TokenManager {
  return new TokenManager({
    client,
    clock,
    acquirer: { acquire },
    prepare: (parameters: TokenParameters) => ({
      key: JSON.stringify(parameters),
      grant: clientCredentials(client.authorizationServer, parameters),
    }),
    endpoint: { request: () => Promise.reject(new Error('the acquirer is asked instead')) },
    counts: noCounts(),
    sleeper: new Sleeper(clock),
    random: () => 0.5,
    emit() {},
    retryNow: () => Promise.resolve(),
  });
}
