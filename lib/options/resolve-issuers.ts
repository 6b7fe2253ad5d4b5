import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { checkNames, checkObject, isText, oneOf, texts } from '../validation/checks.js';
import { describeValue, type Problems } from '../validation/problems.js';
import { resolveAuthorizationServer } from './resolve-authorization-server.js';
import type { ResolvedIssuer } from './resolved-options.js';
import type { M2MResourceServerOptions, TrustedIssuer } from './resource-server-options.js';

const trustNames = [
  'authorizationServer',
  'audience',
  'scopes',
  'allowedClients',
  'allowedOrganizations',
  'callers',
] as const satisfies (keyof TrustedIssuer)[];

/** The primary issuer first, then the trusted ones, no issuer twice. */
export function resolveIssuers(
  problems: Problems,
  path: string,
  options: M2MResourceServerOptions,
  fallback: AuthorizationServer | undefined,
): readonly ResolvedIssuer[] {
  const { authorizationServer = fallback, trust = [] } = options;
  const issuers = [resolveIssuer(problems, path, { ...options, authorizationServer }, undefined)];
  const write = "{ authorizationServer, audience: 'https://my-api', scopes: ['read:products'] }";
  if (!Array.isArray(trust))
    problems.add(`${path}.trust`, `${describeValue(trust)}, not an array`, `trust: [${write}]`);
  for (const [index, issuer] of (Array.isArray(trust) ? trust : []).entries()) {
    const at = `${path}.trust[${index}]`;
    if (!checkObject(problems, at, issuer, write)) continue;
    checkNames(problems, at, issuer, trustNames);
    issuers.push(resolveIssuer(problems, at, issuer, resolveScopes(problems, `${at}.scopes`, issuer.scopes)));
  }
  refuseRepeated(problems, `${path}.trust`, issuers);
  return Object.freeze(issuers);
}

function refuseRepeated(problems: Problems, path: string, issuers: readonly ResolvedIssuer[]): void {
  const seen = new Set<string>();
  for (const { authorizationServer: server } of issuers) {
    // Callers are told apart by the issuer, whatever the tokens say.
    for (const issuer of new Set([server?.issuer ?? '', ...(server?.acceptedIssuers ?? [])])) {
      if (issuer !== '' && seen.has(issuer)) {
        problems.add(path, `names the issuer ${issuer} twice`, 'one entry for each issuer');
      }
      seen.add(issuer);
    }
  }
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
    describeValue(audience),
    "audience: 'https://my-api', as the tokens carry it in aud; null to leave it unchecked, with allowedClients",
  );
  return null;
}

/** An empty list is an answer: tokens of that issuer are accepted, and hold no scope here. */
function resolveScopes(problems: Problems, path: string, scopes: unknown): readonly string[] | undefined {
  if (Array.isArray(scopes) && scopes.length === 0) return Object.freeze([]);
  if (scopes === undefined) problems.add(path, 'is missing', "scopes: ['read:products']");
  return texts(problems, path, scopes, 'read:products');
}
