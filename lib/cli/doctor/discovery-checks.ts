import type { AuthorizationServer } from '../../authorization-servers/authorization-server.js';
import { discover, metadataUrls, type ServerMetadata } from '../../authorization-servers/discovery.js';
import type { EndpointResolver } from '../../authorization-servers/endpoint-resolver.js';
import { quoted } from '../../events/log-text.js';
import { jsonBody } from '../../http/json-body.js';
import { printableUrl } from '../../http/printable-url.js';
import type { Environment } from '../../options/environment-variables.js';
import { fetchKeySet } from '../../resource-server/authentication/jwt/fetch-key-set.js';
import { isObject } from '../../validation/checks.js';
import { ok, wrong, type Check } from '../checks/check.js';
import { issuerDifference } from '../checks/issuer-difference.js';
import { codeIn, networkFinding, proxyFinding } from './network-findings.js';
import { proxyVariableFor } from './proxy.js';
import type { RecordedResponse, RecordedResponses } from './recorded-responses.js';

/** Milliseconds for the metadata, and for a key set. */
const TIMEOUT = 5000;

/** The metadata of the issuer, if the options do not name all endpoints that are needed. */
export async function checkDiscovery(
  server: AuthorizationServer,
  { fetch, all }: RecordedResponses,
  environment: Environment,
): Promise<{ readonly checks: readonly Check[]; readonly metadata: ServerMetadata | undefined }> {
  try {
    const metadata = await discover(fetch, server, TIMEOUT);
    return { checks: [ok('discovery', quoted(server.issuer))], metadata };
  } catch (error) {
    return { checks: [discoveryFailed(server, error as Error, all, environment)], metadata: undefined };
  }
}

function discoveryFailed(
  { issuer, metadataUrl }: AuthorizationServer,
  { message }: Error,
  responses: readonly RecordedResponse[],
  environment: Environment,
): Check {
  const code = codeIn(message);
  if (code !== undefined) {
    const url = new URL(metadataUrl ?? issuer);
    const proxy = proxyVariableFor(url, environment);
    const { problem, remedy } = proxy === undefined ? networkFinding(code) : proxyFinding(code, proxy, url.hostname);
    return wrong('discovery', problem, remedy);
  }
  const other = responses.map(issuerIn).find((found) => found !== undefined);
  if (other !== undefined) {
    const difference = issuerDifference(issuer, other);
    const alike = difference === undefined ? '' : `; they differ by ${difference}`;
    const problem = `the server says that its issuer is ${quoted(other)}, and not ${quoted(issuer)}${alike}`;
    return wrong('issuer', problem, `M2M_ISSUER=${other} # letter by letter`);
  }
  const place = metadataUrl ?? metadataUrls(issuer)[0] ?? '';
  const remedies = [
    `M2M_ISSUER=... # an issuer with metadata at ${printableUrl(place)}`,
    'M2M_METADATA_URL=https://... # if the metadata is elsewhere',
    'M2M_TOKEN_ENDPOINT=https://... # and M2M_JWKS_URI=https://... if there is none',
  ];
  return wrong('discovery', message, remedies.join('\nor '));
}

/** The issuer that metadata names. */
function issuerIn({ response: { status, body } }: RecordedResponse): string | undefined {
  const metadata = status === 200 ? jsonBody(body) : undefined;
  const issuer = isObject(metadata) ? metadata['issuer'] : undefined;
  return typeof issuer === 'string' ? issuer.slice(0, 200) : undefined;
}

/** The URL of an endpoint, written or discovered. */
export async function checkEndpoint(
  server: AuthorizationServer,
  endpoint: 'tokenEndpoint' | 'jwksUri',
  endpoints: EndpointResolver,
): Promise<{ readonly check: Check; readonly url: string | undefined }> {
  const [name, variable] =
    endpoint === 'tokenEndpoint' ? ['token endpoint', 'M2M_TOKEN_ENDPOINT'] : ['key set', 'M2M_JWKS_URI'];
  try {
    const url = await endpoints.resolve(server, endpoint, TIMEOUT);
    return { check: ok(name, printableUrl(url)), url };
  } catch (error) {
    return { check: wrong(name, (error as Error).message, `${variable}=https://...`), url: undefined };
  }
}

/** The keys that the issuer publishes. */
export async function checkKeys(url: string, { fetch }: RecordedResponses): Promise<Check> {
  try {
    const keys = await fetchKeySet(fetch, url, TIMEOUT);
    return ok('keys', `${keys.length} that can verify signatures`);
  } catch (error) {
    const { message } = error as Error;
    const code = codeIn(message);
    const remedy = code === undefined ? 'M2M_JWKS_URI=https://... # a JWK Set (RFC 7517)' : networkFinding(code).remedy;
    return wrong('keys', message, remedy);
  }
}
