import type { Clock } from '../time/clock.js';
import { DiscoveryError } from '../errors/discovery.error.js';
import { UpstreamError } from '../http/upstream.error.js';
import { withTimeout } from '../time/timeout.js';
import type { AuthorizationServer } from './authorization-server.js';
import { discover, type ServerMetadata, type UpstreamFetch } from './discovery.js';

const MAX_AGE = 60 * 60 * 1000;
/** How long old metadata is used before the next attempt, after one that failed. */
const RETRY_AFTER = 60 * 1000;

/** The endpoints that can be discovered, and their names in metadata (RFC 8414, section 2). */
const metadataNames = {
  tokenEndpoint: 'token_endpoint',
  jwksUri: 'jwks_uri',
  introspectionEndpoint: 'introspection_endpoint',
} as const;

interface Discovered {
  readonly metadata: ServerMetadata;
  readonly at: number;
}

/** Finds an authorization server's endpoints: the one given, else the discovered one. Metadata is kept for an hour, and longer while no newer can be had. */
export class EndpointResolver {
  private readonly known = new Map<string, Discovered>();
  private readonly flights = new Map<string, Promise<ServerMetadata>>();

  constructor(
    private readonly fetch: UpstreamFetch,
    private readonly clock: Clock,
  ) {}

  /**
   * @param timeout milliseconds for discovery, if it is needed, whoever began it
   * @throws DiscoveryError where the endpoint is neither given nor discoverable
   */
  async resolve(server: AuthorizationServer, endpoint: keyof typeof metadataNames, timeout: number): Promise<string> {
    const given = server[endpoint];
    if (given !== undefined) return given;
    const metadata = await this.metadata(server.issuer, timeout);
    const found = metadata[metadataNames[endpoint]];
    if (typeof found === 'string' && URL.canParse(found)) return found;
    throw new DiscoveryError(
      `the metadata of ${server.issuer} has no ${metadataNames[endpoint]}; give it: { ...server, ${endpoint}: 'https://...' }`,
    );
  }

  /** The whole metadata of an issuer, for what is beyond its endpoints. @throws DiscoveryError */
  async metadata(issuer: string, timeout: number): Promise<ServerMetadata> {
    const known = this.known.get(issuer);
    if (known && this.clock.monotonic() - known.at < MAX_AGE) return known.metadata;
    try {
      return await this.fly(issuer, timeout);
    } catch (error) {
      if (!known) throw error;
      this.known.set(issuer, { ...known, at: this.clock.monotonic() - MAX_AGE + RETRY_AFTER });
      return known.metadata;
    }
  }

  private fly(issuer: string, timeout: number): Promise<ServerMetadata> {
    const existing = this.flights.get(issuer);
    if (existing) return this.inTime(existing, issuer, timeout);
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

  /** Who joins a discovery has less time for it than who began it, or more. */
  private async inTime(flight: Promise<ServerMetadata>, issuer: string, timeout: number): Promise<ServerMetadata> {
    const metadata = await withTimeout(flight, timeout, this.clock);
    if (metadata) return metadata;
    const message = `no metadata of the issuer ${issuer}: none came in ${Math.ceil(timeout)} ms`;
    throw new DiscoveryError(message, { cause: new UpstreamError('timeout', message) });
  }
}
