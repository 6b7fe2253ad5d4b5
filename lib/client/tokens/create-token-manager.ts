import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import type { CredentialWatch } from '../../client-authentication/cached-credential.js';
import type { ClientAuthenticators } from '../../client-authentication/client-authenticators.js';
import type { TokenStoreError } from '../../errors/token-store.error.js';
import type { ResolvedClient } from '../../options/resolved-options.js';
import type { Random } from '../../time/backoff.js';
import { Sleeper } from '../../time/sleeper.js';
import type { M2MClientEvent } from '../events/m2m-client-event.js';
import { noCounts } from '../events/stats.js';
import { Budget } from './acquisition/budget.js';
import { CallerBudgets } from './acquisition/caller-budgets.js';
import { CallerOutages } from './acquisition/caller-outages.js';
import { EndpointOutages } from './acquisition/endpoint-outages.js';
import { FailureCache } from './acquisition/failure-cache.js';
import { FailureRecords } from './acquisition/failure-records.js';
import { FaultTolerantTokenStore } from './acquisition/fault-tolerant-token-store.js';
import { TokenOutages } from './acquisition/outages.js';
import { SharedTokenAcquirer } from './acquisition/shared-token-acquirer.js';
import { SharedTokens } from './acquisition/shared-tokens.js';
import { TokenRequester } from './acquisition/token-requester.js';
import type { OAuthTokenEndpointDependencies } from './endpoint/oauth-token-endpoint.js';
import type { Grant } from './grants/grant.js';
import type { PreparedTokenRequest } from './token/token-acquirer.js';
import type { TokenWatch } from './token/token-watch.js';
import { TokenManager } from './token-manager.js';
import { fromAuthorizationServer, fromProvider } from './token-source.js';

/** The surroundings of a token manager. */
export interface TokenManagerSurroundings extends Omit<OAuthTokenEndpointDependencies, 'credentialWatch'> {
  /** Of all clients of the application. @default of this client alone */
  readonly outages?: EndpointOutages | undefined;
  /** @default nobody */
  readonly watch?: TokenWatch | undefined;
  /** Asks whether the client still exists. @default it does */
  readonly confirm?: (() => Promise<unknown>) | undefined;
  emit(event: M2MClientEvent): void;
  /** As `emit`, for tokens that are requested on behalf of callers. @default `emit` */
  readonly emitOfCaller?: ((event: M2MClientEvent) => void) | undefined;
}

/** The parts of a token manager that may be replaced. */
export interface TokenManagerSeams {
  /** By method. @default those of this package */
  readonly authenticators?: ClientAuthenticators | undefined;
  /** Makes the grant that a token is requested with. @default client credentials */
  readonly grantFor?: ((parameters: TokenParameters) => Grant) | undefined;
  /** @default Math.random */
  readonly random?: Random | undefined;
}

/** Makes the token manager of one client, with its source of tokens, its requester and, if there is a store, its sharing. */
export function createTokenManager(
  client: ResolvedClient,
  surroundings: TokenManagerSurroundings,
  { authenticators, grantFor, random = Math.random }: TokenManagerSeams = {},
): TokenManager {
  const { clock, emit, watch, confirm } = surroundings;
  const { outages: ofEndpoints = new EndpointOutages(clock, random) } = surroundings;
  const source = client.accessTokenProvider
    ? fromProvider(client, clock, random)
    : fromAuthorizationServer(
        client,
        { ...surroundings, outages: ofEndpoints, credentialWatch: watchOf(client, surroundings) },
        authenticators,
      );
  const { endpoint, outages, clientKey } = source;
  const prepare = (parameters: TokenParameters): PreparedTokenRequest => {
    const grant = grantFor?.(parameters) ?? source.grantFor(parameters);
    return Object.freeze({ key: source.cacheKey(grant), grant });
  };
  const sleeper = new Sleeper(clock);
  const context = { client, watch, confirm, endpoint, counts: noCounts(), clock, sleeper, random, emit };

  const storeFailed = (error: TokenStoreError, isDown: boolean): void =>
    emit({ type: 'store-failed', client: client.name, error, isDown });
  const { tokenStore } = source;
  const store = tokenStore && new FaultTolerantTokenStore(tokenStore, clock, storeFailed, watch?.storeRecovered);
  const requests = new FailureRecords(clock, store);
  const credentials = source.sharesFailures ? requests : new FailureRecords(clock);
  const failures = new FailureCache({ ...context, outages, clientKey, requests, credentials });
  const retryNow = (): Promise<void> => failures.clear();
  const budget = new Budget(client, clock);
  const requester = new TokenRequester({ ...context, outages, failures, budgetOf: () => budget });
  const shared = { clientKey, acquirer: requester, failures, records: requests };
  const acquirer = store
    ? new SharedTokenAcquirer({ ...context, ...shared, store, tokens: new SharedTokens(store, clock) })
    : requester;
  const makeExchanged = (): TokenManager => {
    const ofCallers = { ...context, watch: undefined, emit: surroundings.emitOfCaller ?? emit };
    const records = new FailureRecords(clock);
    const theirs = { clientKey: undefined, requests: records, credentials: records };
    const outagesOfCallers = new CallerOutages(outages, new TokenOutages(clock, random));
    const exchangeFailures = new FailureCache({ ...ofCallers, outages: outagesOfCallers, ...theirs });
    const { of: budgetOf } = new CallerBudgets(client, clock);
    return new TokenManager({
      ...ofCallers,
      acquirer: new TokenRequester({ ...ofCallers, outages: outagesOfCallers, failures: exchangeFailures, budgetOf }),
      prepare,
      retryNow: () => exchangeFailures.clear(),
    });
  };
  return new TokenManager({ ...context, acquirer, prepare, retryNow, makeExchanged });
}

function watchOf({ name: client }: ResolvedClient, { emit, watch }: TokenManagerSurroundings): CredentialWatch {
  return {
    failed: (error) => emit({ type: 'credential-failed', client, error }),
    recovered: () => watch?.credentialRecovered(),
    changed: (thumbprint) => emit({ type: 'credential-changed', client, thumbprint }),
  };
}
