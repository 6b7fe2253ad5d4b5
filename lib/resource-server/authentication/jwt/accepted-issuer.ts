import type { Subject } from 'rxjs';
import type { EndpointResolver } from '../../../authorization-servers/endpoint-resolver.js';
import type { Clock } from '../../../time/clock.js';
import type { AuthorizationServerHttp } from '../../../http/authorization-server-http.js';
import type { ResolvedIssuer, ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import { withTimeout } from '../../../time/timeout.js';
import type { M2MResourceServerEvent } from '../../events/m2m-resource-server-event.js';
import { fetchKeySet } from './fetch-key-set.js';
import { KeySet, type KeySetSource } from './key-set.js';
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
  return issuers.map((options) => {
    const { authorizationServer } = options;
    const { issuer } = authorizationServer;
    const fetch = async (): Promise<VerificationKey[]> => {
      const uri = await endpoints.resolve(authorizationServer, 'jwksUri', timeout);
      return fetchKeySet((request) => http.request(request), uri, timeout);
    };
    const source: KeySetSource = {
      issuer,
      // Discovery and the key set together must not take longer.
      fetch: async () => (await withTimeout(fetch(), timeout, clock)) ?? tooLate(timeout),
      fetched: (keys, withdrawn) =>
        events.next({ type: 'key-set-fetched', issuer, keys: keys.map(kidOf), withdrawn: withdrawn.map(kidOf) }),
      failed: (error) => events.next({ type: 'key-set-failed', issuer, error }),
    };
    return { options, keys: new KeySet(source, keySet, clock) };
  });
}

function tooLate(timeout: number): never {
  throw new Error(`no key set within ${timeout} ms`);
}

const kidOf = ({ kid }: VerificationKey): string | undefined => kid;
