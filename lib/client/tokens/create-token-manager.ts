import type { TokenStoreError } from '../../errors/token-store.error.js';
import type { ResolvedClient } from '../../options/resolved-options.js';
import {
  authenticatorOf,
  credentialCallbackOf,
  type ClientAuthenticators,
} from '../../client-authentication/client-authenticators.js';
import type { M2MClientEvent } from '../events/m2m-client-event.js';
import { noCounts } from '../events/stats.js';
import { TokenManager } from './token-manager.js';
import { OAuthTokenEndpoint, type OAuthTokenEndpointDependencies } from './endpoint/oauth-token-endpoint.js';
import type { Random } from '../../time/backoff.js';
import { Sleeper } from '../../time/sleeper.js';
import { FaultTolerantTokenStore } from './acquisition/fault-tolerant-token-store.js';
import { SharedTokens } from './acquisition/shared-tokens.js';
import { Budget } from './acquisition/budget.js';
import { FailureCache } from './acquisition/failure-cache.js';
import { FailureRecords } from './acquisition/failure-records.js';
import { TokenRequester } from './acquisition/token-requester.js';
import { TokenPurchase } from './acquisition/token-purchase.js';
import { SharedTokenAcquirer } from './acquisition/shared-token-acquirer.js';

/** What a token source needs of its surroundings. */
export interface TokenManagerSurroundings extends OAuthTokenEndpointDependencies {
  emit(event: M2MClientEvent): void;
}

/** Makes the source of one OAuth client's tokens: puts the parts together that get them, share them and keep them. */
export function createTokenManager(
  client: ResolvedClient,
  dependencies: TokenManagerSurroundings,
  random: Random = Math.random,
  authenticators?: ClientAuthenticators,
): TokenManager {
  const { clock, emit } = dependencies;
  const authenticator = authenticatorOf(client.clientAuthentication, authenticators);
  const counts = noCounts();
  const sleeper = new Sleeper(clock);
  const endpoint = new OAuthTokenEndpoint(client, authenticator, dependencies);
  const credentials = credentialCallbackOf(client, authenticator, clock);
  const budget = new Budget(client, clock);
  const fetcher = new TokenRequester({ client, endpoint, credentials, budget, counts, clock, sleeper, random });

  const storeFailed = (error: TokenStoreError): void => emit({ type: 'store-failed', client: client.name, error });
  const shareable = authenticator.sharesTokens ? client.tokenStore : undefined;
  const store = shareable && new FaultTolerantTokenStore(shareable, clock, storeFailed);
  const fleet = store && { store, tokens: new SharedTokens(store, storeFailed) };
  const requests = new FailureRecords(clock, store);
  const memories = {
    requests,
    credentials: authenticator.sharesFailures ? requests : new FailureRecords(clock, undefined),
  };
  const guard = new FailureCache(client, memories, credentials, authenticator);

  const purchase = new TokenPurchase({ client, fetcher, guard, shared: fleet?.tokens, clock, emit });
  const supply = new SharedTokenAcquirer({ client, purchase, guard, fleet, counts, clock, sleeper, random });
  const quota = () => endpoint.quota;
  return new TokenManager({ client, authenticator, supply, counts, clock, sleeper, random, quota, emit });
}
