import type { EndpointResolver } from '../../authorization-servers/endpoint-resolver.js';
import type { Clock } from '../../clock.js';
import type { AuthorizationServerHttp } from '../../http/authorization-server-http.js';
import type { ResolvedIssuer, ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import type { ResourceServerEvents } from '../events.js';
import type { AcceptedIssuer } from '../token/token-verification.js';
import { fetchKeySet } from './fetch-key-set.js';
import { KeySet, type KeySetSource } from './key-set.js';
import type { VerificationKey } from './verification-key.js';

/** What key sets are fetched with. */
export interface KeySetEnvironment {
  readonly http: AuthorizationServerHttp;
  readonly endpoints: EndpointResolver;
  readonly clock: Clock;
  readonly events: ResourceServerEvents;
}

/** The issuers of a resource server, each with its own key set. */
export function acceptedIssuers(
  { issuers, keySet }: ResolvedResourceServerOptions,
  environment: KeySetEnvironment,
): AcceptedIssuer[] {
  return issuers.map((options) => ({
    options,
    keys: new KeySet(keySetSource(options, keySet.timeout, environment), keySet, environment.clock),
  }));
}

function keySetSource(
  { authorizationServer }: ResolvedIssuer,
  timeout: number,
  { http, endpoints, clock, events }: KeySetEnvironment,
): KeySetSource {
  const { issuer } = authorizationServer;
  return {
    issuer,
    async fetch() {
      const start = clock.monotonic();
      const uri = await endpoints.resolve(authorizationServer, 'jwksUri', timeout);
      const left = Math.max(1, timeout - (clock.monotonic() - start));
      return fetchKeySet((request) => http.request(request), uri, left);
    },
    fetched: (keys, withdrawn) =>
      events.emit({ type: 'key-set-fetched', issuer, keys: keys.map(kidOf), withdrawn: withdrawn.map(kidOf) }),
    failed: (error) => events.emit({ type: 'key-set-failed', issuer, error }),
  };
}

const kidOf = ({ kid }: VerificationKey): string | undefined => kid;
