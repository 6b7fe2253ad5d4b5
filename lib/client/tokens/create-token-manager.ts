import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import { authenticatorOf, type ClientAuthenticators } from '../../client-authentication/client-authenticators.js';
import type { CredentialWatch } from '../../client-authentication/cached-credential.js';
import type { TokenStoreError } from '../../errors/token-store.error.js';
import type { ResolvedClient } from '../../options/resolved-options.js';
import type { Random } from '../../time/backoff.js';
import { Sleeper } from '../../time/sleeper.js';
import type { M2MClientEvent } from '../events/m2m-client-event.js';
import { noCounts } from '../events/stats.js';
import { Budget } from './acquisition/budget.js';
import { EndpointOutages } from './acquisition/endpoint-outages.js';
import { FailureCache } from './acquisition/failure-cache.js';
import { FailureRecords } from './acquisition/failure-records.js';
import { FaultTolerantTokenStore } from './acquisition/fault-tolerant-token-store.js';
import { SharedTokenAcquirer } from './acquisition/shared-token-acquirer.js';
import { SharedTokens } from './acquisition/shared-tokens.js';
import { TokenRequester } from './acquisition/token-requester.js';
import { OAuthTokenEndpoint, type OAuthTokenEndpointDependencies } from './endpoint/oauth-token-endpoint.js';
import type { TokenEndpoint } from './endpoint/token-endpoint.js';
import { clientCredentials } from './grants/client-credentials.grant.js';
import type { Grant } from './grants/grant.js';
import { cacheKey, clientKey } from './token/cache-key.js';
import type { PreparedTokenRequest } from './token/token-acquirer.js';
import type { TokenWatch } from './token/token-watch.js';
import { TokenManager } from './token-manager.js';

/** The surroundings of a token manager. */
export interface TokenManagerSurroundings extends OAuthTokenEndpointDependencies {
  /** Of all clients of the application. @default of this client alone */
  readonly outages?: EndpointOutages | undefined;
  /** @default nobody */
  readonly watch?: TokenWatch | undefined;
  emit(event: M2MClientEvent): void;
}

/** The parts of a token manager that may be replaced. */
export interface TokenManagerSeams {
  /** By method. @default those of this package */
  readonly authenticators?: ClientAuthenticators | undefined;
  /** @default the authorization server's token endpoint */
  readonly endpoint?: TokenEndpoint | undefined;
  /** Makes the grant that a token is requested with. @default client credentials */
  readonly grantFor?: ((parameters: TokenParameters) => Grant) | undefined;
  /** @default Math.random */
  readonly random?: Random | undefined;
}

/** Makes the token manager of one OAuth client, with its endpoint, its requester and, if there is a store, its sharing. */
export function createTokenManager(
  client: ResolvedClient,
  surroundings: TokenManagerSurroundings,
  seams: TokenManagerSeams = {},
): TokenManager {
  const { clock, emit, watch } = surroundings;
  const authenticator = authenticatorOf(client.clientAuthentication, seams.authenticators);
  const {
    endpoint = new OAuthTokenEndpoint(client, authenticator, {
      ...surroundings,
      credentialWatch: watchOf(client, surroundings),
    }),
    grantFor = (parameters: TokenParameters) => clientCredentials(client.authorizationServer, parameters),
    random = Math.random,
  } = seams;
  const prepare = (parameters: TokenParameters): PreparedTokenRequest => {
    const grant = grantFor(parameters);
    return Object.freeze({ key: cacheKey(client, authenticator, grant), grant });
  };
  const sleeper = new Sleeper(clock);
  const { outages = new EndpointOutages(clock, random) } = surroundings;
  const outage = outages.of(client, authenticator);
  const context = { client, watch, endpoint, counts: noCounts(), clock, sleeper, random, emit };
  const key = clientKey(client, authenticator);

  const storeFailed = (error: TokenStoreError, isDown: boolean): void =>
    emit({ type: 'store-failed', client: client.name, error, isDown });
  const shareable = authenticator.sharesTokens ? client.tokenStore : undefined;
  const store = shareable && new FaultTolerantTokenStore(shareable, clock, storeFailed, watch?.storeRecovered);
  const requests = new FailureRecords(clock, store);
  const credentials = authenticator.sharesFailures ? requests : new FailureRecords(clock);
  const failures = new FailureCache({ ...context, outage, clientKey: key, requests, credentials });
  const retryNow = (): Promise<void> => failures.clear();
  const requester = new TokenRequester({ ...context, outage, failures, budget: new Budget(client, clock) });
  if (!store) return new TokenManager({ ...context, acquirer: requester, prepare, retryNow });
  const tokens = new SharedTokens(store, clock);
  const shared = { clientKey: key, acquirer: requester, store, tokens, failures, records: requests };
  return new TokenManager({
    ...context,
    acquirer: new SharedTokenAcquirer({ ...context, ...shared }),
    prepare,
    retryNow,
  });
}

function watchOf({ name: client }: ResolvedClient, { emit, watch }: TokenManagerSurroundings): CredentialWatch {
  return {
    failed: (error) => emit({ type: 'credential-failed', client, error }),
    recovered: () => watch?.credentialRecovered(),
    changed: (thumbprint) => emit({ type: 'credential-changed', client, thumbprint }),
  };
}
