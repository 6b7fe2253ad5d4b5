import { LRUCache } from 'lru-cache';
import { entryLimit } from '../collections/entry-limit.js';
import { runOutsideRequests } from '../request-context/request-context.js';
import type { Clock } from '../time/clock.js';
import { DiscoveryError } from '../errors/discovery.error.js';
import { UpstreamError } from '../http/upstream.error.js';
import { withTimeout } from '../time/timeout.js';
import type { AuthorizationServer } from './authorization-server.js';
import { printableUrl } from '../http/printable-url.js';
import { isObject } from '../validation/checks.js';
import { whyNotDiscoverable } from './discovered-url.js';
import { withRequestHeaders } from './request-headers.js';
import { discover, type MetadataSource, type ServerMetadata, type UpstreamFetch } from './discovery.js';

/** Milliseconds for which metadata is used. */
const MAX_AGE = 60 * 60 * 1000;
/** Milliseconds for which old metadata is used after a failed attempt to renew it. */
const RETRY_PAUSE = 60 * 1000;

/** The endpoints that can be discovered, and their names in metadata (RFC 8414, section 2). */
const METADATA_NAMES = {
  tokenEndpoint: 'token_endpoint',
  jwksUri: 'jwks_uri',
  introspectionEndpoint: 'introspection_endpoint',
} as const;

/** The limit of metadata that are kept: tenants may have servers of their own. */
const LIMIT = entryLimit(1000);

/** Finds endpoints of authorization servers: the given one, else the discovered one. Metadata is kept for an hour, and longer while it cannot be renewed. */
export class EndpointResolver {
  private readonly known = new LRUCache<string, { readonly metadata: ServerMetadata; readonly at: number }>(LIMIT);
  private readonly flights = new Map<string, Promise<ServerMetadata>>();

  constructor(
    private readonly fetch: UpstreamFetch,
    private readonly clock: Clock,
  ) {}

  /**
   * Finds one endpoint.
   *
   * @param timeout milliseconds that this call waits for discovery, if it is needed
   * @param isMutualTls whether a discovered alias for clients with a certificate comes first (RFC 8705, section 5)
   * @throws DiscoveryError if the endpoint is neither given nor discovered, or is a place that discovery may not name
   */
  async resolve(
    server: AuthorizationServer,
    endpoint: keyof typeof METADATA_NAMES,
    timeout: number,
    isMutualTls = false,
  ): Promise<string> {
    const given = server[endpoint];
    if (given !== undefined) return given;
    const name = METADATA_NAMES[endpoint];
    const metadata = await this.metadata(server, timeout);
    const aliases = isMutualTls ? metadata['mtls_endpoint_aliases'] : undefined;
    const found = urlNamed(name, aliases) ?? urlNamed(name, metadata);
    if (found === undefined)
      throw new DiscoveryError(`the metadata of ${server.issuer} has no ${name}; ${written(endpoint)}`);
    const why = whyNotDiscoverable(new URL(found), server);
    if (why === undefined) return found;
    const named = `the metadata of ${server.issuer} names the ${name} ${printableUrl(found)}, which ${why}`;
    throw new DiscoveryError(`${named}; if it is meant, ${written(endpoint, printableUrl(found))}`);
  }

  /**
   * Gets the whole metadata of an issuer (RFC 8414, section 2).
   *
   * @param timeout milliseconds that this call waits for discovery, if it is needed
   * @throws DiscoveryError
   */
  private async metadata(source: AuthorizationServer, timeout: number): Promise<ServerMetadata> {
    const place = placeOf(source);
    const known = this.known.get(place);
    if (known && this.clock.monotonic() - known.at < MAX_AGE) return known.metadata;
    try {
      return await this.begin(source, timeout);
    } catch (error) {
      if (!known) throw error;
      this.known.set(place, { ...known, at: this.clock.monotonic() - MAX_AGE + RETRY_PAUSE });
      return known.metadata;
    }
  }

  private begin(source: AuthorizationServer, timeout: number): Promise<ServerMetadata> {
    const place = placeOf(source);
    const existing = this.flights.get(place);
    if (existing) return this.join(existing, source.issuer, timeout);
    const end = this.clock.monotonic() + timeout;
    const inTime: UpstreamFetch = (request) =>
      this.fetch({ ...request, timeout: Math.max(end - this.clock.monotonic(), 0) });
    const fetch = withRequestHeaders(inTime, source, 'metadata', this.clock);
    const flight = runOutsideRequests(() => discover(fetch, source, timeout))
      .then((metadata) => {
        this.known.set(place, { metadata, at: this.clock.monotonic() });
        return metadata;
      })
      .finally(() => this.flights.delete(place));
    this.flights.set(place, flight);
    return flight;
  }

  /** A call that joins a discovery may have less time than the call that began it. */
  private async join(flight: Promise<ServerMetadata>, issuer: string, timeout: number): Promise<ServerMetadata> {
    const metadata = await withTimeout(flight, timeout, this.clock);
    if (metadata) return metadata;
    const message = `no metadata of the issuer ${issuer}: none came in ${Math.ceil(timeout)} ms`;
    throw new DiscoveryError(message, { cause: new UpstreamError('timeout', message) });
  }
}

/** Under which metadata is kept. No URL holds a space. */
function placeOf({ issuer, metadataUrl }: MetadataSource): string {
  return `${issuer} ${metadataUrl ?? ''}`;
}

function urlNamed(name: string, members: unknown): string | undefined {
  const value = isObject(members) && Object.hasOwn(members, name) ? members[name] : undefined;
  return typeof value === 'string' && URL.canParse(value) ? value : undefined;
}

function written(endpoint: string, url = 'https://...'): string {
  return `give it: { ...server, ${endpoint}: '${url}' }`;
}
