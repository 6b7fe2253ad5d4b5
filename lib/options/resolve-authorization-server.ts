import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { isConfidential } from '../http/loopback.js';
import { isObject, isText } from './checks.js';
import { kindOf, nameOf, type Problems } from './problems.js';

const endpoints = ['tokenEndpoint', 'jwksUri', 'introspectionEndpoint'] as const;

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
  checkUrl(problems, `${path}.issuer`, value.issuer);
  for (const name of endpoints) {
    if (value[name] !== undefined) checkUrl(problems, `${path}.${name}`, value[name]);
  }
  const { acceptedIssuers } = value;
  if (acceptedIssuers !== undefined && !(acceptedIssuers.length > 0 && acceptedIssuers.every(isText))) {
    problems.add(`${path}.acceptedIssuers`, 'holds no issuers', `acceptedIssuers: ['${value.issuer}']`);
  }
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
