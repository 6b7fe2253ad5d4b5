import { isOptionalToken, isPublic, isRequirement, type AllowedClient, type Condition } from './condition.js';

/** Everything that must hold for a caller of one handler. */
export interface HandlerConditions {
  /** Whether no access token is needed. */
  readonly isPublic: boolean;
  /** Whether a request without any credentials is let in, and others are not. */
  readonly isTokenOptional: boolean;
  /** The scopes that a caller needs, every one of them. */
  readonly allScopes: readonly string[];
  /** Groups of scopes; of every group a caller needs one. */
  readonly anyScope: readonly (readonly string[])[];
  /** Groups of clients; every group must hold the caller. */
  readonly clients: readonly (readonly AllowedClient[])[];
  /** The audiences that a token needs, every one of them. */
  readonly audiences: readonly string[];
  /** Every scope that the handler names, separated by spaces. */
  readonly scope: string;
  /** Equal for equal conditions. */
  readonly key: string;
}

/**
 * The conditions of a class and of its method, united: what the method says narrows what the class says. Beside any other
 * condition, `OptionalToken` does not count.
 */
export function uniteConditions(ofClass: readonly Condition[], ofMethod: readonly Condition[]): HandlerConditions {
  const all = [...ofClass, ...ofMethod];
  const requirements = all.filter(isRequirement);
  const lifting = ofMethod.length > 0 ? ofMethod : ofClass;
  const scopes = requirements.flatMap((each) => (each.decorator === 'RequireScopes' ? each.scopes : []));
  const allScopes = [...new Set(scopes)];
  const anyScope = requirements.flatMap((each) => (each.decorator === 'RequireAnyScope' ? [each.scopes] : []));
  const isTokenOptional = all.length > 0 && all.every(isOptionalToken);
  return Object.freeze({
    isPublic: lifting.length > 0 && lifting.every(isPublic),
    isTokenOptional,
    allScopes,
    anyScope,
    clients: requirements.flatMap((each) => (each.decorator === 'AllowClients' ? [each.clients] : [])),
    audiences: requirements.flatMap((each) => (each.decorator === 'RequireAudience' ? [each.audience] : [])),
    scope: [...new Set([...allScopes, ...anyScope.flat()])].join(' '),
    key: JSON.stringify([isTokenOptional, requirements]),
  });
}
