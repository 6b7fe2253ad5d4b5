import { EndpointResolver } from '../../lib/authorization-servers/endpoint-resolver.js';
import { oidc } from '../../lib/authorization-servers/oidc.js';
import type { M2MClientEvent } from '../../lib/client/events/m2m-client-event.js';
import { createTokenManager, type TokenManagerSeams } from '../../lib/client/tokens/create-token-manager.js';
import { systemClock } from '../../lib/time/clock.js';
import { AuthorizationServerHttp } from '../../lib/http/authorization-server-http.js';
import type { M2MNamedClientOptions, M2MTokenOptions } from '../../lib/options/client-options.js';
import type { ResolvedOAuthClient } from '../../lib/options/resolved-options.js';
import { noParameters, tokenParameters } from '../../lib/options/token-parameters.js';
import { TestClock } from '../../lib/testing/test-clock.js';
import { resolvedClient, resolvedProviderClient } from './resolved-client.js';
import { ScriptedUpstream, type Step } from './scripted-upstream.js';

/** A token manager with everything real around it, and the events that it emitted. */
export function clientTokenManager(
  options: Partial<M2MNamedClientOptions>,
  clock = systemClock,
  http: Pick<AuthorizationServerHttp, 'request'> = new AuthorizationServerHttp({}, clock),
  seams: TokenManagerSeams = {},
  adapt: (client: ResolvedOAuthClient) => ResolvedOAuthClient = (client) => client,
) {
  const events: M2MClientEvent[] = [];
  const endpoints = new EndpointResolver((request) => http.request(request), clock);
  const client = options.accessTokenProvider ? resolvedProviderClient(options) : adapt(resolvedClient(options));
  const emit = (event: M2MClientEvent): void => void events.push(event);
  return { manager: createTokenManager(client, { http, endpoints, clock, emit }, seams), client, events };
}

/** A token manager on the injected clock, in front of a scripted endpoint; its random numbers are all the same. */
export function simulatedTokenManager(
  options: Partial<M2MNamedClientOptions> = {},
  answer?: (count: number) => Step,
  random = 1,
) {
  const clock = new TestClock();
  const upstream = new ScriptedUpstream(clock, answer);
  const authorizationServer = {
    ...oidc({ issuer: 'https://id.example.com' }),
    tokenEndpoint: 'https://id.example.com/token',
  };
  const made = clientTokenManager({ authorizationServer, ...options }, clock, upstream, { random: () => random });
  const parameters = asking({ scope: 'read' });
  const get = async () => (await made.manager.getAccessToken(parameters)).value;
  const types = () => made.events.map(({ type }) => type);
  return { ...made, clock, upstream, parameters, get, types };
}

/** What a token is asked for. */
export function asking(options: M2MTokenOptions = {}) {
  return tokenParameters(noParameters, options);
}
