import type { AuthorizationServer } from '../../authorization-servers/authorization-server.js';
import { discover, metadataUrls, type ServerMetadata } from '../../authorization-servers/discovery.js';
import type { EndpointResolver } from '../../authorization-servers/endpoint-resolver.js';
import { quoted } from '../../events/log-text.js';
import { jsonBody } from '../../http/json-body.js';
import { readRetryAfter } from '../../http/retry-after.js';
import { printableUrl } from '../../http/printable-url.js';
import type { Environment } from '../../options/environment-variables.js';
import { fetchKeySet } from '../../resource-server/authentication/jwt/fetch-key-set.js';
import { isObject } from '../../validation/checks.js';
import { ok, wrong, type Check } from '../checks/check.js';
import { issuerDifference } from '../checks/issuer-difference.js';
import { foreignWord, shellWord } from '../checks/shell-word.js';
import type { RecordedResponse, RecordedResponses } from './recorded-responses.js';
import { requestFinding } from './request-findings.js';

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
  const other = responses.map(issuerIn).find((found) => found !== undefined);
  if (other !== undefined) return otherIssuer(issuer, other);
  const url = metadataUrl ?? issuer;
  const finding = requestFinding({ message, url, environment, retryAfter: retryAfterIn(responses) });
  if (finding) return wrong('discovery', finding.problem, finding.remedy);
  const place = metadataUrl ?? metadataUrls(issuer)[0] ?? '';
  const remedies = [
    `M2M_ISSUER=... # an issuer with metadata at ${printableUrl(place)}`,
    'M2M_METADATA_URL=https://... # if the metadata is elsewhere',
    'M2M_TOKEN_ENDPOINT=https://... # and M2M_JWKS_URI=https://... if there is none',
  ];
  return wrong('discovery', message, remedies.join('\nor '));
}

function otherIssuer(issuer: string, { issuer: other, url }: FoundIssuer): Check {
  const difference = issuerDifference(issuer, other);
  const alike = difference === undefined ? '' : `; they differ by ${difference}`;
  const problem = `the server says that its issuer is ${quoted(other)}, and not ${quoted(issuer)}${alike}`;
  if (!/^https?:/.test(other) || !URL.canParse(other)) {
    return wrong('issuer', problem, 'an HTTPS URL as the issuer, at the authorization server');
  }
  const isElsewhere = new URL(other).origin !== new URL(url).origin;
  const line = `M2M_ISSUER=${foreignWord(other)} # letter by letter`;
  const place = `M2M_METADATA_URL=${shellWord(printableUrl(url))}`;
  return wrong('issuer', problem, isElsewhere ? `${line}; and ${place} if only that is reached from here` : line);
}

interface FoundIssuer {
  readonly issuer: string;
  /** Where it is named. */
  readonly url: string;
}

/** Seconds that a server wants no requests. */
function retryAfterIn(responses: readonly RecordedResponse[]): number | undefined {
  return responses.map(({ response, at }) => readRetryAfter(response, at)).find((seconds) => seconds !== undefined);
}

/** The issuer that metadata names. */
function issuerIn({ url, response: { status, body } }: RecordedResponse): FoundIssuer | undefined {
  const metadata = status === 200 ? jsonBody(body) : undefined;
  const issuer = isObject(metadata) ? metadata['issuer'] : undefined;
  return typeof issuer === 'string' ? { issuer: issuer.slice(0, 200), url } : undefined;
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
export async function checkKeys(
  url: string,
  { fetch, all }: RecordedResponses,
  environment: Environment,
): Promise<Check> {
  try {
    const keys = await fetchKeySet(fetch, url, TIMEOUT);
    return ok('keys', `${keys.length} that can verify signatures`);
  } catch (error) {
    const { message } = error as Error;
    const answers = all.filter((each) => each.url === url);
    const finding = requestFinding({ message, url, environment, retryAfter: retryAfterIn(answers) });
    const { problem, remedy } = finding ?? {
      problem: message,
      remedy: 'M2M_JWKS_URI=https://... # a JWK Set (RFC 7517)',
    };
    return wrong('keys', problem, remedy);
  }
}
