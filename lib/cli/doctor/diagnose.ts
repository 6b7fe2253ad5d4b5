import type { AuthorizationServer } from '../../authorization-servers/authorization-server.js';
import type { ServerMetadata } from '../../authorization-servers/discovery.js';
import { EndpointResolver } from '../../authorization-servers/endpoint-resolver.js';
import { authorizationServerFromIssuer, guessAuthorizationServer } from '../../authorization-servers/from-issuer.js';
import { hasCode } from '../../errors/has-code.js';
import { AuthorizationServerHttp } from '../../http/authorization-server-http.js';
import { insecureOriginsFromEnvironment, withEndpoints } from '../../options/endpoints-from-environment.js';
import { readerOf, type Environment } from '../../options/environment-variables.js';
import { readEnvironment } from '../../options/read-environment.js';
import { systemClock } from '../../time/clock.js';
import { ok, wrong, type Check } from '../checks/check.js';
import { checkCertificateVariables } from './certificate-variables.js';
import { checkClock } from './clock-check.js';
import { checkDiscovery, checkEndpoint, checkKeys } from './discovery-checks.js';
import { checkHost } from './host-checks.js';
import { probe } from './probed-host.js';
import { behindProxy, checkProxy, proxyVariableFor } from './proxy.js';
import { RecordedResponses } from './recorded-responses.js';

/** Milliseconds for a connection. */
const TIMEOUT = 5000;

/** What an environment leads to. */
export interface Diagnosis extends ServerDiagnosis {
  /** `undefined` if the environment does not lead to one. */
  readonly server: AuthorizationServer | undefined;
  /** Whether M2MModule would take the environment. */
  readonly isValid: boolean;
}

interface ServerDiagnosis {
  readonly checks: readonly Check[];
  readonly metadata: ServerMetadata | undefined;
  /** Where tokens can be requested; `undefined` if there is no such place. */
  readonly tokenEndpoint: string | undefined;
}

const NOTHING: ServerDiagnosis = { checks: [], metadata: undefined, tokenEndpoint: undefined };

/** Looks at an environment, and at the authorization server that it names. No credentials are sent. */
export async function diagnose(environment: Environment): Promise<Diagnosis> {
  const variables = checkVariables(environment);
  const isValid = variables.every(({ result }) => result === 'ok');
  const server = serverOf(environment);
  const before = [...variables, ...checkCertificateVariables(environment)];
  if (!server) return { ...NOTHING, checks: before, server, isValid };
  const hosts = await checkHosts(server, environment);
  // What keeps a connection from coming about is said once.
  const isReachable = hosts.every(({ result }) => result !== 'wrong');
  const found = isReachable ? await checkServer(server, environment) : NOTHING;
  return { ...found, checks: [...before, ...hosts, ...found.checks], server, isValid };
}

/** As M2MModule reads them. */
function checkVariables(environment: Environment): readonly Check[] {
  try {
    const { guess } = readEnvironment(environment);
    return [ok('variables', guess ?? 'M2MModule takes them')];
  } catch (error) {
    if (!hasCode(error, 'ERR_M2M_CONFIGURATION')) throw error;
    return error.problems.map(({ option, problem, remedy }) => wrong(option, problem, remedy));
  }
}

/** `undefined` if the variables do not lead to one, which their own check says. */
function serverOf(environment: Environment): AuthorizationServer | undefined {
  const read = readerOf(environment);
  const [issuer, provider] = [read('M2M_ISSUER') ?? '', read('M2M_PROVIDER')];
  if (!URL.canParse(issuer)) return undefined;
  try {
    const server = provider ? authorizationServerFromIssuer(provider, issuer) : guessAuthorizationServer(issuer).server;
    return withEndpoints(server, read);
  } catch (error) {
    if (hasCode(error, 'ERR_M2M_CONFIGURATION')) return undefined;
    throw error;
  }
}

/** Each host once, of the URLs that are written. */
async function checkHosts(server: AuthorizationServer, environment: Environment): Promise<readonly Check[]> {
  const written = [server.metadataUrl ?? server.issuer, server.tokenEndpoint, server.jwksUri];
  const urls = written.filter((url) => url !== undefined && URL.canParse(url)).map((url) => new URL(url as string));
  const hosts = new Map(urls.map((url) => [url.origin, url]));
  const checks = await Promise.all([...hosts.values()].map((url) => checkOneHost(url, environment)));
  return checks.flat();
}

async function checkOneHost(url: URL, environment: Environment): Promise<readonly Check[]> {
  const proxy = checkProxy(url, environment);
  const variable = proxyVariableFor(url, environment);
  if (variable !== undefined) return [...proxy, behindProxy(`dns ${url.hostname}`, variable)];
  return checkHost(await probe(url, TIMEOUT));
}

async function checkServer(server: AuthorizationServer, environment: Environment): Promise<ServerDiagnosis> {
  const clock = systemClock;
  const http = new AuthorizationServerHttp({}, clock, insecureOriginsFromEnvironment(readerOf(environment)));
  const responses = new RecordedResponses((request) => http.request(request), clock);
  const endpoints = new EndpointResolver(responses.fetch, clock);
  const needed = neededEndpoints(environment);
  const isWritten = needed.every((endpoint) => server[endpoint] !== undefined);
  const { checks, metadata } = isWritten ? NOTHING : await checkDiscovery(server, responses, environment);
  const found: Check[] = [...checks];
  const urls = new Map<string, string>();
  for (const endpoint of needed.filter((each) => server[each] !== undefined || metadata)) {
    const { check, url } = await checkEndpoint(server, endpoint, endpoints);
    found.push(check);
    if (url !== undefined) urls.set(endpoint, url);
  }
  const keys = urls.get('jwksUri');
  if (keys !== undefined) found.push(await checkKeys(keys, responses, environment));
  return { checks: [...found, checkClock(responses.all)], metadata, tokenEndpoint: urls.get('tokenEndpoint') };
}

/** Those of the halves that the environment configures. */
function neededEndpoints(environment: Environment): readonly ('tokenEndpoint' | 'jwksUri')[] {
  const read = readerOf(environment);
  const needed = [
    ...(read('M2M_CLIENT_ID') === undefined ? [] : (['tokenEndpoint'] as const)),
    ...(read('M2M_API_AUDIENCE') === undefined ? [] : (['jwksUri'] as const)),
  ];
  return needed.length > 0 ? needed : ['tokenEndpoint', 'jwksUri'];
}
