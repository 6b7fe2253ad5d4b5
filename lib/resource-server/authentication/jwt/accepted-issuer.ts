import type { Subject } from 'rxjs';
import type { AuthorizationServer } from '../../../authorization-servers/authorization-server.js';
import type { EndpointResolver } from '../../../authorization-servers/endpoint-resolver.js';
import { withRequestHeaders } from '../../../authorization-servers/request-headers.js';
import type { Clock } from '../../../time/clock.js';
import type { AuthorizationServerHttp } from '../../../http/authorization-server-http.js';
import type { ResolvedIssuer, ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import { withTimeout } from '../../../time/timeout.js';
import type { M2MResourceServerEvent } from '../../events/m2m-resource-server-event.js';
import { fetchKeySet } from './fetch-key-set.js';
import { KeySet } from './key-set.js';
import type { VerificationKey } from './verification-key.js';

/** An issuer whose tokens are accepted, with the keys that its own tokens are verified with, and no others. */
export interface AcceptedIssuer {
  readonly options: ResolvedIssuer;
  readonly keys: KeySet;
}

/** What key sets are fetched with. */
export interface KeySetEnvironment {
  readonly http: AuthorizationServerHttp;
  readonly endpoints: EndpointResolver;
  readonly clock: Clock;
  readonly events: Subject<M2MResourceServerEvent>;
}

/** Gives each issuer its key set; nothing is fetched yet. */
export function acceptIssuers(
  { issuers, keySet }: ResolvedResourceServerOptions,
  { http, endpoints, clock, events }: KeySetEnvironment,
): AcceptedIssuer[] {
  const { timeout } = keySet;
  const fetch = async (server: AuthorizationServer): Promise<VerificationKey[]> => {
    const uri = await endpoints.resolve(server, 'jwksUri', timeout);
    const request = withRequestHeaders((upstream) => http.request(upstream), server, 'jwks', clock);
    return fetchKeySet(request, uri, timeout);
  };
  return issuers.map((options) => {
    const { authorizationServer: server } = options;
    // Discovery and the key set together must not take longer.
    const fetchInTime = async () => (await withTimeout(fetch(server), timeout, clock)) ?? tooLate(timeout);
    return { options, keys: new KeySet(server.issuer, fetchInTime, keySet, clock, events) };
  });
}

function tooLate(timeout: number): never {
  throw new Error(`no key set within ${timeout} ms`);
}
