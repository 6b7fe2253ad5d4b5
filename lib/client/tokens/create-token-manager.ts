import type { TokenStoreError } from '../../errors/token-store.error.js';
import type { ResolvedClient } from '../../options/resolved-options.js';
import type { Clock } from '../../time/clock.js';
import { ClientSecret } from '../../client-authentication/client-secret.js';
import type { Credentials } from '../../client-authentication/credentials.js';
import { ChangingAssertion } from '../../client-authentication/changing-assertion.js';
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

/**
 * Assertions are each process's own: signed by the clock of its host, or left there by somebody else. That one is
 * refused shows nothing of the others'.
 */
const ASSERTIONS: ReadonlySet<string> = new Set(['client_secret_jwt', 'private_key_jwt', 'client_assertion']);

/** Makes the source of one OAuth client's tokens: puts the parts together that get them, share them and keep them. */
export function createTokenManager(
  client: ResolvedClient,
  dependencies: TokenManagerSurroundings,
  random: Random = Math.random,
): TokenManager {
  const { clock, emit } = dependencies;
  const { method } = client.clientAuthentication;
  const counts = noCounts();
  const sleeper = new Sleeper(clock);
  const endpoint = new OAuthTokenEndpoint(client, dependencies);
  const credentials = credentialsOf(client, clock);
  const budget = new Budget(client, clock);
  const fetcher = new TokenRequester({ client, endpoint, credentials, budget, counts, clock, sleeper, random });

  const storeFailed = (error: TokenStoreError): void => emit({ type: 'store-failed', client: client.name, error });
  // Another process could not use a token that is bound to this one's certificate.
  const shareable = method === 'tls_client_auth' ? undefined : client.tokenStore;
  const store = shareable && new FaultTolerantTokenStore(shareable, clock, storeFailed);
  const fleet = store && { store, tokens: new SharedTokens(store, storeFailed) };
  const requests = new FailureRecords(clock, store);
  const memories = { requests, credentials: ASSERTIONS.has(method) ? new FailureRecords(clock, undefined) : requests };
  const guard = new FailureCache(client, memories, credentials);

  const purchase = new TokenPurchase({ client, fetcher, guard, shared: fleet?.tokens, clock, emit });
  const supply = new SharedTokenAcquirer({ client, purchase, guard, fleet, counts, clock, sleeper, random });
  const quota = () => endpoint.quota;
  return new TokenManager({ client, supply, counts, clock, sleeper, random, quota, emit });
}

/** `undefined` where the client needs none, or makes them itself. */
function credentialsOf({ clientAuthentication, clientSecret }: ResolvedClient, clock: Clock): Credentials | undefined {
  if (clientAuthentication.method === 'client_assertion') return new ChangingAssertion(clientAuthentication, clock);
  return clientSecret && new ClientSecret(clientSecret, clock);
}
