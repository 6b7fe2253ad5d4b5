import { checkObject, isObject, memberOf } from '../validation/checks.js';
import { pick, resolveFields, type Values } from '../validation/fields.js';
import { describeValue, Problems } from '../validation/problems.js';
import type { ResolvedAuthorizationServer } from './authorization-server-fields.js';
import { resolveIntrospection } from './resolve-introspection.js';
import { refuseStrangers } from './refuse-strangers.js';
import { refuseRequestHeaders, resolveAuthorizationServer } from './resolve-authorization-server.js';
import type { ResolvedIssuer, ResolvedIssuerResolver } from './resolved-options.js';
import { ISSUER_FIELDS, RESOLVER_FIELDS, TRUSTED_ISSUER_FIELDS } from './resource-server-fields.js';
import type { TrustedIssuer, TrustedIssuerResolver } from './resource-server-options.js';

const PATH = 'resourceServer.trust';
/** The path of what the function answers. */
const ANSWER = `${PATH}.resolve()`;
const EXAMPLE = "{ authorizationServer, audience: 'https://my-api', scopes: ['read:products'] }";

/** Whose tokens are accepted beside those of the primary issuer. */
export interface ResolvedTrust {
  readonly issuers: readonly ResolvedIssuer[];
  readonly resolver: ResolvedIssuerResolver | undefined;
}

/** Resolves `resourceServer.trust`. */
export function resolveTrust(
  problems: Problems,
  trust: readonly (TrustedIssuer | TrustedIssuerResolver)[] = [],
): ResolvedTrust {
  if (!Array.isArray(trust)) {
    problems.add(PATH, `${describeValue(trust)}, not an array`, `trust: [${EXAMPLE}]`);
    return { issuers: [], resolver: undefined };
  }
  const issuers: ResolvedIssuer[] = [];
  const resolvers: ResolvedIssuerResolver[] = [];
  for (const [index, entry] of (trust as readonly (TrustedIssuer | TrustedIssuerResolver)[]).entries()) {
    const path = `${PATH}[${index}]`;
    if (isResolver(entry)) resolvers.push(resolvedResolver(problems, path, entry));
    else issuers.push(...resolveTrustedIssuer(problems, path, entry));
  }
  if (resolvers.length > 1) {
    const problem = `has ${resolvers.length} functions that find issuers, and only one is asked`;
    problems.add(PATH, problem, 'one { resolve(issuer) { ... } } that knows all of them');
  }
  return { issuers, resolver: resolvers[0] };
}

/**
 * Makes of what `trust.resolve` answered the issuer that it describes.
 *
 * @throws M2MConfigurationError that lists everything that is wrong with it
 */
export function resolveFoundIssuer(answer: unknown): ResolvedIssuer {
  const problems = new Problems();
  const [issuer] = resolveTrustedIssuer(problems, ANSWER, answer as TrustedIssuer);
  refuseRequestHeaders(problems, ANSWER, issuer?.authorizationServer);
  if (issuer?.introspection) {
    const problem = 'is given, and an issuer that is found at run time is not asked about its tokens';
    problems.add(`${ANSWER}.introspection`, problem, 'an entry of its own in trust for an issuer with introspection');
  }
  problems.throwIfAny();
  return issuer as ResolvedIssuer;
}

/** @returns none if the entry is no object, which a problem says */
function resolveTrustedIssuer(problems: Problems, path: string, options: TrustedIssuer): readonly ResolvedIssuer[] {
  if (!checkObject(problems, path, options, EXAMPLE)) return [];
  const given = memberOf(options, 'authorizationServer');
  const server = resolveAuthorizationServer(problems, `${path}.authorizationServer`, given);
  const fields = resolveFields(problems, path, options, TRUSTED_ISSUER_FIELDS);
  return [resolvedIssuer(problems, path, server, fields, fields)];
}

/** An issuer, and what its tokens must and may say. */
export function resolvedIssuer(
  problems: Problems,
  path: string,
  authorizationServer: ResolvedAuthorizationServer | undefined,
  fields: Values<typeof ISSUER_FIELDS>,
  { scopes, tenant }: Pick<ResolvedIssuer, 'scopes' | 'tenant'>,
): ResolvedIssuer {
  refuseStrangers(problems, path, authorizationServer, fields);
  // If the server is missing, a problem says so, and these options are thrown away.
  const server = authorizationServer as ResolvedAuthorizationServer;
  const introspection = resolveIntrospection(problems, `${path}.introspection`, fields.introspection, server);
  return Object.freeze({
    ...pick(fields, ISSUER_FIELDS),
    authorizationServer: server,
    introspection,
    scopes,
    tenant,
    path,
  });
}

function isResolver(entry: TrustedIssuer | TrustedIssuerResolver): entry is TrustedIssuerResolver {
  return isObject(entry) && memberOf(entry, 'resolve' as never) !== undefined;
}

function resolvedResolver(problems: Problems, path: string, options: TrustedIssuerResolver): ResolvedIssuerResolver {
  const { allowedHosts } = resolveFields(problems, path, options, RESOLVER_FIELDS);
  return Object.freeze({ resolve: (issuer: string) => options.resolve(issuer), allowedHosts });
}
