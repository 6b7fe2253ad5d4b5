import { DiscoveryError } from '../errors/discovery.error.js';
import { printableUrl } from '../http/printable-url.js';
import type { UpstreamRequest, UpstreamResponse } from '../http/authorization-server-http.js';
import { printable } from '../errors/printable.js';
import { hasCode } from '../errors/has-code.js';
import { isTemporary } from '../http/temporary-status.js';
import { jsonBody } from '../http/json-body.js';
import { UpstreamError, type UpstreamFailure } from '../http/upstream.error.js';
import type { AuthorizationServer } from './authorization-server.js';

/** The members of an authorization server's metadata, as the server sent them. */
export type ServerMetadata = Readonly<Record<string, unknown>>;

/** Sends a request to an authorization server: {@link AuthorizationServerHttp.request}. */
export type UpstreamFetch = (request: UpstreamRequest) => Promise<UpstreamResponse>;

/**
 * The URLs at which an issuer may publish its metadata, in the order in which they are requested.
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

/** An issuer, and the place of its metadata. */
export type MetadataSource = Pick<AuthorizationServer, 'issuer' | 'metadataUrl'>;

/**
 * Reads the metadata of an issuer, at its `metadataUrl` if it has one.
 *
 * @param timeout milliseconds for each URL
 * @throws DiscoveryError if no URL has a JSON document whose `issuer` is this one
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.3 RFC 8414, section 3.3}
 */
export async function discover(
  fetch: UpstreamFetch,
  { issuer, metadataUrl }: MetadataSource,
  timeout: number,
): Promise<ServerMetadata> {
  const tried: string[] = [];
  let outage: UpstreamError | undefined;
  for (const url of metadataUrl === undefined ? metadataUrls(issuer) : [metadataUrl]) {
    const metadata = await readMetadata(fetch, url, issuer, timeout);
    if (metadata instanceof UpstreamError) outage = metadata;
    else if (typeof metadata !== 'string') return metadata;
    tried.push(`${printableUrl(url)} ${metadata instanceof UpstreamError ? metadata.message : metadata}`);
  }
  throw new DiscoveryError(`no metadata of the issuer ${issuer}: ${tried.join('; ')}`, { cause: outage });
}

/** The metadata at one URL, or what is there instead: an error if that may change soon, else a text. */
async function readMetadata(
  fetch: UpstreamFetch,
  url: string,
  issuer: string,
  timeout: number,
): Promise<ServerMetadata | string | UpstreamError> {
  try {
    const { status, body } = await fetch({ url, timeout, headers: { accept: 'application/json' } });
    if (isTemporary(status)) return new UpstreamError('unavailable', `answered ${status}`);
    return status === 200 ? metadataOf(issuer, jsonBody(body)) : `answered ${status}`;
  } catch (error) {
    if (hasCode(error, 'ERR_M2M_CALLBACK')) throw error;
    const { message } = error as Error;
    if (error instanceof UpstreamError && FAILURES_OF_URL.has(error.failure)) return message;
    // A server that cannot be reached at one URL is not requested at the others: that would only add up the waits.
    throw new DiscoveryError(`no metadata of the issuer ${issuer}: ${message}`, { cause: error });
  }
}

/** Failures of one URL, not of the server: a portal may redirect all that it does not know to its login. */
const FAILURES_OF_URL: ReadonlySet<UpstreamFailure> = new Set(['redirect', 'too-large']);

function metadataOf(issuer: string, metadata: unknown): ServerMetadata | string {
  if (typeof metadata !== 'object' || metadata === null) return 'holds no JSON object';
  const found = (metadata as ServerMetadata)['issuer'];
  if (found === issuer) return metadata as ServerMetadata;
  return typeof found === 'string'
    ? `is of the issuer ${JSON.stringify(printable(found.slice(0, 200)))}`
    : 'names no issuer';
}
