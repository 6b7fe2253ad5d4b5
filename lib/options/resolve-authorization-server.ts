import type { AuthorizationServer, TokenParameters } from '../authorization-servers/authorization-server.js';
import { readStandardClaims, standardTokenParameters } from '../authorization-servers/standard.js';
import { M2MConfigurationError, type ConfigurationProblem } from '../errors/configuration.error.js';
import { bareUrl } from '../http/bare-url.js';
import { isConfidential } from '../http/loopback.js';
import { checkClientAuthentication } from './check-client-authentication.js';
import { checkNames, isObject, isText, oneOf, texts } from '../validation/checks.js';
import { describeValue, optionName, type Problems } from '../validation/problems.js';
import type { ResolvedAuthorizationServer } from './resolved-options.js';

const endpoints = ['tokenEndpoint', 'jwksUri', 'introspectionEndpoint'] as const;

/** What a server may do its own way, and how that is written. */
const methods = {
  wrongCredentials: "({ error }) => error === 'invalid_client'",
  tokenParameters: '({ audience }) => ({ audience })',
  readClaims: "(claims, audience) => ({ clientId, scopes, audience: [], kind: 'machine' })",
  checkClaims: '(claims) => { ... }',
} as const;

const names = [
  'name',
  'issuer',
  'acceptedIssuers',
  ...endpoints,
  'clientAuthentication',
  'assertionAudience',
  'requestFormat',
  'absentScope',
  ...(Object.keys(methods) as (keyof typeof methods)[]),
] as const satisfies (keyof AuthorizationServer)[];

/** The authorization server of a half, checked; the module's where the half names none. */
export function resolveAuthorizationServer(
  problems: Problems,
  path: string,
  value: AuthorizationServer | undefined,
): ResolvedAuthorizationServer | undefined {
  if (!isObject(value)) {
    problems.add(path, describeValue(value), "authorizationServer: oidc({ issuer: 'https://id.example.com' })");
    return undefined;
  }
  const before = problems.count;
  checkNames(problems, path, value, names);
  checkUrl(problems, `${path}.issuer`, value.issuer);
  for (const name of endpoints) {
    if (value[name] !== undefined) checkUrl(problems, `${path}.${name}`, value[name]);
  }
  const acceptedIssuers = texts(problems, `${path}.acceptedIssuers`, value.acceptedIssuers, value.issuer);
  const { assertionAudience } = value;
  if (assertionAudience !== undefined && !isText(assertionAudience)) {
    const remedy = "assertionAudience: 'https://id.example.com'";
    problems.add(`${path}.assertionAudience`, describeValue(assertionAudience), remedy);
  }
  oneOf(problems, `${path}.requestFormat`, value.requestFormat, ['form', 'json'], 'form');
  oneOf(problems, `${path}.absentScope`, value.absentScope, ['as-asked', 'none'], 'as-asked');
  for (const [name, example] of Object.entries(methods)) {
    const method: unknown = value[name as keyof typeof methods];
    if (method !== undefined && typeof method !== 'function') {
      problems.add(`${path}.${name}`, `${describeValue(method)}, not a function`, `${name}: ${example}`);
    }
  }
  if (value.clientAuthentication !== undefined) {
    checkClientAuthentication(problems, `${path}.clientAuthentication`, value.clientAuthentication);
  }
  if (problems.count > before) return undefined;
  return Object.freeze({
    ...value,
    name: isText(value.name) ? value.name : 'authorization server',
    acceptedIssuers: acceptedIssuers ?? Object.freeze([value.issuer]),
    tokenParameters: value.tokenParameters ?? standardTokenParameters,
    readClaims: value.readClaims ?? readStandardClaims,
  });
}

/** Notes what a server says of a token request that the options ask for; nothing where there is no server. */
export function tryTokenParameters(
  problems: Problems,
  path: string,
  server: ResolvedAuthorizationServer | undefined,
  request: TokenParameters,
  wanted?: (problem: ConfigurationProblem) => boolean,
): void {
  problems.collect(
    path,
    () => {
      const parameters: unknown = server ? server.tokenParameters(request) : {};
      if (isObject(parameters) && !(parameters instanceof Promise)) return;
      const [option, problem] = ['authorizationServer.tokenParameters', 'returns something else than an object'];
      throw new M2MConfigurationError([{ option, problem, remedy: `tokenParameters: ${methods.tokenParameters}` }]);
    },
    wanted,
  );
}

/** What is no URL is not shown: it may be a secret. */
function checkUrl(problems: Problems, path: string, value: unknown): void {
  const name = optionName(path);
  if (!isText(value) || !URL.canParse(value)) {
    problems.add(path, isText(value) ? 'is no URL' : describeValue(value), `${name}: 'https://id.example.com'`);
    return;
  }
  const url = new URL(value);
  const bare = bareUrl(value);
  if (url.username || url.password) problems.add(path, `is ${bare} with user information`, `${name}: '${bare}'`);
  else if (!isConfidential(url)) {
    const remedy = `${name}: '${bare.replace(/^[a-z]+:/i, 'https:')}'`;
    problems.add(path, `is ${bare}: anything but HTTPS is refused, except on loopback`, remedy);
  }
}
