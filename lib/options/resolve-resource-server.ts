import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { checkNames, isText, oneOf, section, texts, wholeNumber } from './checks.js';
import { kindOf, nameOf, type Problems } from './problems.js';
import { resolveAuthorizationServer } from './resolve-authorization-server.js';
import type { ResolvedIssuer, ResolvedResourceServerOptions } from './resolved-options.js';
import type { M2MResourceServerOptions, TrustedIssuer } from './resource-server-options.js';

const asymmetric = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

const names = [
  'authorizationServer',
  'audience',
  'allowedClients',
  'allowedOrganizations',
  'trust',
  'callers',
  'algorithms',
  'tokenType',
  'clockTolerance',
  'maxTokenAge',
  'cache',
  'keySet',
  'realm',
  'publicControllers',
  'warmup',
] as const satisfies (keyof M2MResourceServerOptions)[];

const trustNames = [
  'authorizationServer',
  'audience',
  'scopes',
  'allowedClients',
  'allowedOrganizations',
  'callers',
] as const satisfies (keyof TrustedIssuer)[];

export function resolveResourceServer(
  problems: Problems,
  options: M2MResourceServerOptions,
  authorizationServer: AuthorizationServer | undefined,
): ResolvedResourceServerOptions {
  const path = 'resourceServer';
  checkNames(problems, path, options, names);
  return Object.freeze({
    issuers: resolveIssuers(problems, path, options, authorizationServer),
    algorithms: resolveAlgorithms(problems, `${path}.algorithms`, options.algorithms),
    tokenType: oneOf(problems, `${path}.tokenType`, options.tokenType, ['at+jwt', 'any'], 'any'),
    clockTolerance: milliseconds(problems, `${path}.clockTolerance`, options.clockTolerance, 5000, 60_000),
    maxTokenAge: milliseconds(problems, `${path}.maxTokenAge`, options.maxTokenAge, undefined),
    cache: resolveCache(problems, `${path}.cache`, options.cache),
    keySet: resolveKeySet(problems, `${path}.keySet`, options.keySet),
    realm: resolveRealm(problems, `${path}.realm`, options.realm),
    publicControllers: Object.freeze([...(options.publicControllers ?? [])]),
    warmup: oneOf(problems, `${path}.warmup`, options.warmup, ['off', 'background', 'required'], 'off'),
  });
}

function resolveIssuers(
  problems: Problems,
  path: string,
  options: M2MResourceServerOptions,
  fallback: AuthorizationServer | undefined,
): readonly ResolvedIssuer[] {
  const { authorizationServer = fallback, trust = [] } = options;
  const issuers = [resolveIssuer(problems, path, { ...options, authorizationServer }, undefined)];
  for (const [index, issuer] of trust.entries()) {
    const at = `${path}.trust[${index}]`;
    checkNames(problems, at, issuer, trustNames);
    if (issuer.scopes?.length === 0) issuers.push(resolveIssuer(problems, at, issuer, []));
    else {
      const scopes = texts(problems, `${at}.scopes`, issuer.scopes, 'read:products');
      if (issuer.scopes === undefined) problems.add(`${at}.scopes`, 'is missing', "scopes: ['read:products']");
      issuers.push(resolveIssuer(problems, at, issuer, scopes));
    }
  }
  const seen = new Set<string>();
  for (const { authorizationServer: server } of issuers) {
    for (const issuer of server?.acceptedIssuers ?? [server?.issuer ?? '']) {
      if (issuer !== '' && seen.has(issuer)) {
        problems.add(`${path}.trust`, `names the issuer ${issuer} twice`, 'one entry for each issuer');
      }
      seen.add(issuer);
    }
  }
  return Object.freeze(issuers);
}

type IssuerOptions = Pick<
  M2MResourceServerOptions,
  'authorizationServer' | 'audience' | 'allowedClients' | 'allowedOrganizations' | 'callers'
>;

function resolveIssuer(
  problems: Problems,
  path: string,
  options: IssuerOptions,
  scopes: readonly string[] | undefined,
): ResolvedIssuer {
  const allowedClients = texts(problems, `${path}.allowedClients`, options.allowedClients, 'orders-service');
  return Object.freeze({
    authorizationServer: resolveAuthorizationServer(
      problems,
      `${path}.authorizationServer`,
      options.authorizationServer,
    ),
    audience: resolveAudience(problems, path, options.audience, allowedClients),
    scopes,
    allowedClients,
    allowedOrganizations: texts(problems, `${path}.allowedOrganizations`, options.allowedOrganizations, 'org_1'),
    callers: oneOf(problems, `${path}.callers`, options.callers, ['machine', 'any'], 'machine'),
    // Where the server is missing a problem is noted, and these options are thrown away.
  }) as ResolvedIssuer;
}

function resolveAudience(
  problems: Problems,
  path: string,
  audience: unknown,
  allowedClients: readonly string[] | undefined,
): readonly string[] | null {
  if (audience === null) {
    if (!allowedClients) {
      problems.add(
        `${path}.allowedClients`,
        'is missing: with audience: null every token of this issuer would be accepted',
        "allowedClients: ['orders-service']",
      );
    }
    return null;
  }
  const list = [audience].flat();
  if (list.length > 0 && list.every(isText)) return Object.freeze(list);
  problems.add(
    `${path}.audience`,
    kindOf(audience),
    "audience: 'https://my-api', as the tokens carry it in aud; null to leave it unchecked, with allowedClients",
  );
  return null;
}

function resolveAlgorithms(problems: Problems, path: string, value: unknown): readonly string[] {
  const algorithms = texts(problems, path, value, 'RS256') ?? asymmetric;
  for (const algorithm of algorithms.filter((name) => !asymmetric.includes(name))) {
    problems.add(path, `holds ${algorithm}, which is not an asymmetric signature`, `algorithms: ['RS256']`);
  }
  return Object.freeze([...algorithms]);
}

/** A duration; one below a second is refused, because it is most likely meant in seconds. */
function milliseconds<D>(
  problems: Problems,
  path: string,
  value: number | undefined,
  fallback: D,
  most?: number,
): number | D {
  if (value !== undefined && value >= 1 && value <= 999) {
    const name = nameOf(path);
    problems.add(
      path,
      `is ${value}, which is in milliseconds`,
      `${name}: ${value * 1000}, if ${value} seconds are meant`,
    );
    return fallback;
  }
  return wholeNumber(problems, path, value, { example: 5000, ...(most && { most }) }, fallback);
}

function resolveCache(
  problems: Problems,
  path: string,
  value: M2MResourceServerOptions['cache'],
): ResolvedResourceServerOptions['cache'] {
  if (value === false) return false;
  const cache = section(problems, path, value, ['maxTokens', 'ttl']);
  return Object.freeze({
    maxTokens: wholeNumber(problems, `${path}.maxTokens`, cache.maxTokens, { least: 1, example: 10_000 }, 10_000),
    ttl: wholeNumber(problems, `${path}.ttl`, cache.ttl, { least: 1, example: 60_000 }, 60_000),
  });
}

function resolveKeySet(
  problems: Problems,
  path: string,
  value: M2MResourceServerOptions['keySet'],
): ResolvedResourceServerOptions['keySet'] {
  const keySet = section(problems, path, value, ['maxAge', 'cooldown', 'timeout', 'staleIfError']);
  const number = (name: 'maxAge' | 'cooldown' | 'timeout' | 'staleIfError', fallback: number, least = 1) =>
    wholeNumber(problems, `${path}.${name}`, keySet[name], { least, example: fallback }, fallback);
  return Object.freeze({
    maxAge: number('maxAge', 600_000),
    cooldown: number('cooldown', 30_000),
    timeout: number('timeout', 5000),
    staleIfError: number('staleIfError', 3_600_000, 0),
  });
}

function resolveRealm(problems: Problems, path: string, value: unknown): string | undefined {
  if (value === undefined || (isText(value) && /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/.test(value))) return value;
  problems.add(path, `${kindOf(value)} that does not fit into a header`, "realm: 'products'");
  return undefined;
}
