import { DiscoveryError } from '../errors/discovery.error.js';
import type { UpstreamRequest, UpstreamResponse } from '../http/authorization-server-http.js';

/** The members of an authorization server's metadata, as the server sent them. */
export type ServerMetadata = Readonly<Record<string, unknown>>;

/** How to ask an authorization server: {@link AuthorizationServerHttp.request}. */
export type UpstreamFetch = (request: UpstreamRequest) => Promise<UpstreamResponse>;

/**
 * Where an issuer may publish its metadata, in the order of asking.
 *
 * @see {@link https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest OpenID Connect Discovery 1.0, section 4.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.1 RFC 8414, section 3.1}
 */
export function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const oidc = `${origin}${path}/.well-known/openid-configuration`;
  const insertedBefore = `${origin}/.well-known/oauth-authorization-server${path}`;
  const appended = `${origin}${path}/.well-known/oauth-authorization-server`;
  // Logto serves RFC 8414 metadata below the issuer's path only.
  return [...new Set([oidc, insertedBefore, appended])];
}

/**
 * Reads the metadata of an issuer.
 *
 * @param timeout milliseconds for each place that is asked
 * @throws DiscoveryError where no place has a JSON document whose `issuer` is the one asked for
 */
export async function discover(fetch: UpstreamFetch, issuer: string, timeout: number): Promise<ServerMetadata> {
  const tried: string[] = [];
  for (const url of metadataUrls(issuer)) {
    const metadata = await readMetadata(fetch, url, issuer, timeout);
    if (typeof metadata !== 'string') return metadata;
    tried.push(`${url} ${metadata}`);
  }
  throw new DiscoveryError(`no metadata of the issuer ${issuer}: ${tried.join('; ')}`);
}

async function readMetadata(
  fetch: UpstreamFetch,
  url: string,
  issuer: string,
  timeout: number,
): Promise<ServerMetadata | string> {
  try {
    const { status, body } = await fetch({ url, timeout, headers: { accept: 'application/json' } });
    if (status !== 200) return `answered ${status}`;
    const metadata: unknown = JSON.parse(body.toString('utf8'));
    if (typeof metadata !== 'object' || metadata === null) return 'holds no JSON object';
    const found = (metadata as ServerMetadata)['issuer'];
    return found === issuer ? (metadata as ServerMetadata) : `is of the issuer ${JSON.stringify(found)}`;
  } catch (error) {
    if (error instanceof SyntaxError) return 'is not JSON';
    // A server that cannot be reached at one path is not asked at the others: that would only add up the waits.
    throw new DiscoveryError(`no metadata of the issuer ${issuer}: ${(error as Error).message}`);
  }
}
