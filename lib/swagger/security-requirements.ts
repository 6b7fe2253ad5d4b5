import type { AllowedClient } from '../resource-server/authorization/condition.js';
import type { HandlerConditions } from '../resource-server/authorization/handler-conditions.js';
import type { SecurityRequirement } from './openapi-document.js';
import type { SecurityScheme } from './security-scheme.js';

/**
 * What a caller needs for a handler: one requirement of the list. Each names all the scopes of one token, with the scheme
 * of its issuer.
 *
 * Issuers are left out whose tokens cannot meet the conditions. If that are all of them, none is left out: an empty list
 * would say that everybody may call.
 */
export function securityRequirements(
  conditions: HandlerConditions,
  schemes: readonly SecurityScheme[],
): SecurityRequirement[] {
  const alternatives = scopeAlternatives(conditions);
  const all = schemes.flatMap((scheme) => alternatives.map((scopes) => ({ scheme, scopes })));
  const met = all.filter(({ scheme, scopes }) => canMeet(scheme, scopes, conditions, schemes));
  const requirements = (met.length > 0 ? met : all).map(({ scheme, scopes }) =>
    JSON.stringify({ [scheme.name]: scheme.hasScopes ? scopes : [] }),
  );
  return [...new Set(requirements)].map((each) => JSON.parse(each) as SecurityRequirement);
}

/** The sets of scopes that are enough, without those that hold another one. */
function scopeAlternatives({ allScopes, anyScope }: HandlerConditions): readonly (readonly string[])[] {
  return anyScope.reduce<readonly (readonly string[])[]>(
    (sets, group) =>
      smallest(
        sets.flatMap((set) =>
          group.some((scope) => set.includes(scope)) ? [set] : group.map((scope) => [...set, scope]),
        ),
      ),
    [allScopes],
  );
}

function smallest(sets: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return sets.filter(
    (set, index) =>
      !sets.some((other, at) => {
        const isOther = other.length < set.length || (other.length === set.length && at < index);
        return isOther && other.every((scope) => set.includes(scope));
      }),
  );
}

function canMeet(
  { issuer }: SecurityScheme,
  scopes: readonly string[],
  { audiences, clients }: HandlerConditions,
  schemes: readonly SecurityScheme[],
): boolean {
  // Clients are named by their id alone only if there is a primary issuer, which is the first.
  const primary = schemes[0]?.issuer;
  const named = new Set(schemes.map((each) => each.issuer?.authorizationServer.issuer));
  const isOfIssuer = (client: AllowedClient): boolean => {
    if (typeof client === 'string') return issuer !== undefined && issuer === primary;
    return issuer ? client.issuer === issuer.authorizationServer.issuer : !named.has(client.issuer);
  };
  const honoured = issuer?.scopes;
  return (
    clients.every((group) => group.some(isOfIssuer)) &&
    (!issuer || audiences.every((each) => issuer.audience?.includes(each))) &&
    (!honoured || scopes.every((each) => honoured.includes(each)))
  );
}
