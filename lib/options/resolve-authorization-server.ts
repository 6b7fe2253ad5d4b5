import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { isConfidential } from '../http/loopback.js';
import { checkClientAuthentication } from './check-client-authentication.js';
import { isObject, isText, texts } from './checks.js';
import { kindOf, nameOf, type Problems } from './problems.js';

const endpoints = ['tokenEndpoint', 'jwksUri', 'introspectionEndpoint'] as const;

/** What a server may do its own way, and how that is written. */
const methods = {
  wrongCredentials: "({ error }) => error === 'invalid_client'",
  tokenParameters: '({ audience }) => ({ audience })',
  readClaims: "(claims, audience) => ({ clientId, scopes, audience: [], kind: 'machine' })",
  checkClaims: '(claims) => { ... }',
} as const;

/** The authorization server of a half, checked; the module's where the half names none. */
export function resolveAuthorizationServer(
  problems: Problems,
  path: string,
  value: AuthorizationServer | undefined,
): AuthorizationServer | undefined {
  if (!isObject(value)) {
    problems.add(path, kindOf(value), "authorizationServer: oidc({ issuer: 'https://id.example.com' })");
    return undefined;
  }
  const before = problems.count;
  checkUrl(problems, `${path}.issuer`, value.issuer);
  for (const name of endpoints) {
    if (value[name] !== undefined) checkUrl(problems, `${path}.${name}`, value[name]);
  }
  texts(problems, `${path}.acceptedIssuers`, value.acceptedIssuers, value.issuer);
  for (const [name, example] of Object.entries(methods)) {
    const method: unknown = value[name as keyof typeof methods];
    if (method !== undefined && typeof method !== 'function') {
      problems.add(`${path}.${name}`, `${kindOf(method)}, not a function`, `${name}: ${example}`);
    }
  }
  if (value.clientAuthentication !== undefined) {
    checkClientAuthentication(problems, `${path}.clientAuthentication`, value.clientAuthentication);
  }
  if (problems.count > before) return undefined;
  return Object.freeze({ ...value, name: isText(value.name) ? value.name : 'authorization server' });
}

function checkUrl(problems: Problems, path: string, value: unknown): void {
  const name = nameOf(path);
  if (!isText(value) || !URL.canParse(value)) {
    problems.add(path, isText(value) ? `is no URL: ${value}` : kindOf(value), `${name}: 'https://id.example.com'`);
  } else if (!isConfidential(new URL(value))) {
    problems.add(
      path,
      `is ${value}: anything but HTTPS is refused, except on loopback`,
      `${name}: '${value.replace(/^[a-z]+:/, 'https:')}'`,
    );
  }
}
