import { LRUCache } from 'lru-cache';
import type { ClientAuthenticator } from '../../../client-authentication/client-authenticator.js';
import { entryLimit } from '../../../collections/entry-limit.js';
import { getOrInsert } from '../../../collections/get-or-insert.js';
import type { ResolvedOAuthClient } from '../../../options/resolved-options.js';
import type { Random } from '../../../time/backoff.js';
import type { Clock } from '../../../time/clock.js';
import { EndpointOutage } from './endpoint-outage.js';

/** The limit of outages that are remembered: tenants may have endpoints of their own. */
const LIMIT = entryLimit(10_000);

/** The outages of the token endpoints of an application. */
export class EndpointOutages {
  readonly #outages = new LRUCache<string, EndpointOutage>(LIMIT);

  constructor(
    private readonly clock: Clock,
    private readonly random: Random = Math.random,
  ) {}

  /**
   * The outage of a client's token endpoint. Clients share it if they send their requests to the same URL, and with the
   * same certificate.
   */
  of(
    { authorizationServer: server, clientAuthentication, name = '', clientId }: ResolvedOAuthClient,
    authenticator: ClientAuthenticator,
  ) {
    const certificate =
      authenticator.certificateAgents && (authenticator.thumbprint?.(clientAuthentication) ?? `of ${name} ${clientId}`);
    // The metadata stands for an endpoint that is discovered: it may be what fails.
    const { issuer, metadataUrl, tokenEndpoint = `${issuer} ${metadataUrl ?? ''}` } = server;
    const key = `${certificate ?? ''} ${tokenEndpoint}`;
    return getOrInsert<string, EndpointOutage>(this.#outages, key, () => new EndpointOutage(this.clock, this.random));
  }
}
