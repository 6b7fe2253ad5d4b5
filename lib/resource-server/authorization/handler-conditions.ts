import { isLifting, isRequirement, type AllowedClient, type Condition } from './condition.js';

/** Everything that must hold for a caller of one handler. */
export interface HandlerConditions {
  /** Whether no access token is needed. */
  readonly isPublic: boolean;
  /** The scopes that a caller needs, every one of them. */
  readonly allScopes: readonly string[];
  /** Groups of scopes; of every group a caller needs one. */
  readonly anyScope: readonly (readonly string[])[];
  /** Groups of clients; every group must hold the caller. */
  readonly clients: readonly (readonly AllowedClient[])[];
  /** Every scope that the handler names, separated by spaces. */
  readonly scope: string;
}

/** The conditions of a class and of its method, united: what the method says narrows what the class says. */
export function uniteConditions(ofClass: readonly Condition[], ofMethod: readonly Condition[]): HandlerConditions {
  const requirements = [...ofClass, ...ofMethod].filter(isRequirement);
  const scopes = requirements.flatMap((each) => (each.decorator === 'RequireScopes' ? each.scopes : []));
  const allScopes = [...new Set(scopes)];
  const anyScope = requirements.flatMap((each) => (each.decorator === 'RequireAnyScope' ? [each.scopes] : []));
  return Object.freeze({
    isPublic: isLifting(ofMethod.length > 0 ? ofMethod : ofClass),
    allScopes,
    anyScope,
    clients: requirements.flatMap((each) => (each.decorator === 'AllowClients' ? [each.clients] : [])),
    scope: [...new Set([...allScopes, ...anyScope.flat()])].join(' '),
  });
}
