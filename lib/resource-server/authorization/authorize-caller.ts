import type { M2MCaller } from '../../caller/m2m-caller.js';
import { CallerNotAllowedError } from '../../errors/caller-not-allowed.error.js';
import { InsufficientScopeError } from '../../errors/insufficient-scope.error.js';
import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import { VerifiedCaller } from '../../caller/verified-caller.js';
import { quoted, quotedList } from '../../events/log-text.js';
import type { AllowedClient } from './condition.js';
import type { HandlerConditions } from './handler-conditions.js';

/**
 * Holds a caller to the conditions of a handler.
 *
 * @param primaryIssuer clients named by their id alone are its own
 * @throws InvalidTokenError if the token is for another audience than the handler's
 * @throws CallerNotAllowedError, InsufficientScopeError
 */
export function authorizeCaller(caller: M2MCaller, conditions: HandlerConditions, primaryIssuer?: string): void {
  const { clientId, issuer } = caller;
  const missing = conditions.audiences.find((each) => !(caller instanceof VerifiedCaller && caller.isFor(each)));
  if (missing !== undefined) {
    const held = `the token of the client ${quoted(clientId)} of ${quoted(issuer)} is for ${quotedList(caller.audience)}`;
    const message = `${held}, and the route needs one for ${quoted(missing)} that is accepted from there`;
    throw new InvalidTokenError('audience', message);
  }
  const isCaller = (allowed: AllowedClient): boolean => {
    const client = typeof allowed === 'string' ? { issuer: primaryIssuer, clientId: allowed } : allowed;
    return client.clientId === clientId && client.issuer === issuer;
  };
  if (!conditions.clients.every((group) => group.some(isCaller))) {
    const message = `@AllowClients does not name the client ${quoted(clientId)} of ${quoted(issuer)}`;
    throw new CallerNotAllowedError(message, { clientId, issuer });
  }
  if (!hasScopes(caller, conditions)) {
    const { allScopes, anyScope } = conditions;
    const groups = anyScope.map((group) => `one of ${quotedList(group)}`);
    const needed = [...(allScopes.length > 0 ? [quotedList(allScopes)] : []), ...groups].join(' and ');
    const message = `the client ${quoted(clientId)} has ${quotedList(caller.scopes)}, the route needs ${needed}`;
    throw new InsufficientScopeError(message, { clientId, issuer });
  }
}

function hasScopes({ scopes }: M2MCaller, { allScopes, anyScope }: HandlerConditions): boolean {
  for (const scope of allScopes) if (!scopes.includes(scope)) return false;
  return anyScope.every((group) => group.some((scope) => scopes.includes(scope)));
}
