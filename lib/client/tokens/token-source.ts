import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import { authenticatorOf, type ClientAuthenticators } from '../../client-authentication/client-authenticators.js';
import { PROVIDER_RULES } from '../../options/access-token-provider.js';
import type { ResolvedOAuthClient, ResolvedProviderClient } from '../../options/resolved-options.js';
import type { TokenStore } from '../../options/token-store.js';
import type { Random } from '../../time/backoff.js';
import type { Clock } from '../../time/clock.js';
import type { EndpointOutages } from './acquisition/endpoint-outages.js';
import { outagesOf, TokenOutages, type Outages } from './acquisition/outages.js';
import { AccessTokenProvider } from './endpoint/access-token-provider.js';
import { OAuthTokenEndpoint, type OAuthTokenEndpointDependencies } from './endpoint/oauth-token-endpoint.js';
import type { TokenEndpoint } from './endpoint/token-endpoint.js';
import { clientCredentials } from './grants/client-credentials.grant.js';
import { isExchange } from './grants/exchange-parameters.js';
import type { Grant } from './grants/grant.js';
import { onBehalfOf } from './grants/on-behalf-of.grant.js';
import { tokenExchange } from './grants/token-exchange.grant.js';
import { cacheKey, clientKey } from './token/cache-key.js';

/** Where the tokens of a client come from, and what follows from that. */
export interface TokenSource {
  readonly endpoint: TokenEndpoint;
  readonly outages: Outages;
  /** The key of failures that concern all requests of the client. */
  readonly clientKey: string;
  /** Where other processes find the tokens. `undefined`: they have no use for them, or the options name no store. */
  readonly tokenStore: TokenStore | undefined;
  /** Whether refused credentials would be refused from another process as well. */
  readonly sharesFailures: boolean;
  /** @throws M2MConfigurationError for a field that the source does not understand */
  grantFor(parameters: TokenParameters): Grant;
  /** The key under which the token of a grant is kept. */
  cacheKey(grant: Grant): string;
}

/** The tokens of a client that an authorization server knows. */
export function fromAuthorizationServer(
  client: ResolvedOAuthClient,
  surroundings: OAuthTokenEndpointDependencies & { readonly outages: EndpointOutages },
  authenticators: ClientAuthenticators | undefined,
): TokenSource {
  const authenticator = authenticatorOf(client.clientAuthentication, authenticators);
  return {
    endpoint: new OAuthTokenEndpoint(client, authenticator, surroundings),
    outages: outagesOf(surroundings.outages.of(client, authenticator)),
    clientKey: clientKey(client, authenticator),
    tokenStore: authenticator.sharesTokens ? client.tokenStore : undefined,
    sharesFailures: authenticator.sharesFailures,
    grantFor: (parameters) => grantFor(client.authorizationServer, parameters),
    cacheKey: (grant) => cacheKey(client, authenticator, grant),
  };
}

/** What is presented for a token: client credentials, or the token of a caller. */
function grantFor(server: ResolvedOAuthClient['authorizationServer'], parameters: TokenParameters): Grant {
  if (!isExchange(parameters)) return clientCredentials(server, parameters);
  return server.tokenExchange === 'on-behalf-of' ? onBehalfOf(server, parameters) : tokenExchange(server, parameters);
}

/** The tokens that a function of the options gets. Nobody else sees them or their keys. */
export function fromProvider(client: ResolvedProviderClient, clock: Clock, random: Random): TokenSource {
  return {
    endpoint: new AccessTokenProvider(client, clock),
    outages: new TokenOutages(clock, random),
    clientKey: '',
    tokenStore: undefined,
    sharesFailures: false,
    grantFor: (parameters) => clientCredentials(PROVIDER_RULES, parameters),
    cacheKey: (grant) => JSON.stringify(grant.parameters()),
  };
}
