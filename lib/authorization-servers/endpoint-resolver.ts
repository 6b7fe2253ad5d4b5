import type { Clock } from '../time/clock.js';
import { DiscoveryError } from '../errors/discovery.error.js';
import { UpstreamError } from '../http/upstream.error.js';
import { withTimeout } from '../time/timeout.js';
import type { AuthorizationServer } from './authorization-server.js';
import { discover, type ServerMetadata, type UpstreamFetch } from './discovery.js';

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

/** Finds endpoints of authorization servers: the given one, else the discovered one. Metadata is kept for an hour, and longer while it cannot be renewed. */
export class EndpointResolver {
  private readonly known = new Map<string, { readonly metadata: ServerMetadata; readonly at: number }>();
  private readonly flights = new Map<string, Promise<ServerMetadata>>();

  constructor(
    private readonly fetch: UpstreamFetch,
    private readonly clock: Clock,
  ) {}

  /**
   * Finds one endpoint.
   *
   * @param timeout milliseconds that this call waits for discovery, if it is needed
   * @throws DiscoveryError if the endpoint is neither given nor discovered
   */
  async resolve(server: AuthorizationServer, endpoint: keyof typeof METADATA_NAMES, timeout: number): Promise<string> {
    const given = server[endpoint];
    if (given !== undefined) return given;
    const metadata = await this.metadata(server.issuer, timeout);
    const found = metadata[METADATA_NAMES[endpoint]];
    if (typeof found === 'string' && URL.canParse(found)) return found;
    throw new DiscoveryError(
      `the metadata of ${server.issuer} has no ${METADATA_NAMES[endpoint]}; give it: { ...server, ${endpoint}: 'https://...' }`,
    );
  }

  /**
   * Gets the whole metadata of an issuer (RFC 8414, section 2).
   *
   * @param timeout milliseconds that this call waits for discovery, if it is needed
   * @throws DiscoveryError
   */
  async metadata(issuer: string, timeout: number): Promise<ServerMetadata> {
    const known = this.known.get(issuer);
    if (known && this.clock.monotonic() - known.at < MAX_AGE) return known.metadata;
    try {
      return await this.begin(issuer, timeout);
    } catch (error) {
      if (!known) throw error;
      this.known.set(issuer, { ...known, at: this.clock.monotonic() - MAX_AGE + RETRY_PAUSE });
      return known.metadata;
    }
  }

  private begin(issuer: string, timeout: number): Promise<ServerMetadata> {
    const existing = this.flights.get(issuer);
    if (existing) return this.join(existing, issuer, timeout);
    const end = this.clock.monotonic() + timeout;
    const inTime: UpstreamFetch = (request) =>
      this.fetch({ ...request, timeout: Math.max(end - this.clock.monotonic(), 0) });
    const flight = discover(inTime, issuer, timeout)
      .then((metadata) => {
        this.known.set(issuer, { metadata, at: this.clock.monotonic() });
        return metadata;
      })
      .finally(() => this.flights.delete(issuer));
    this.flights.set(issuer, flight);
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
