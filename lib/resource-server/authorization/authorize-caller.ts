import type { M2MCaller } from '../../caller/m2m-caller.js';
import { CallerNotAllowedError } from '../../errors/caller-not-allowed.error.js';
import { InsufficientScopeError } from '../../errors/insufficient-scope.error.js';
import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import { VerifiedCaller } from '../../caller/verified-caller.js';
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
  const missing = conditions.audiences.find((each) => !(caller instanceof VerifiedCaller && caller.isFor(each)));
  if (missing !== undefined) {
    const held = `the token of the client ${caller.clientId} of ${caller.issuer} is for [${caller.audience.join(', ')}]`;
    throw new InvalidTokenError(
      'audience',
      `${held}, and the route needs one for ${missing} that is accepted from there`,
    );
  }
  const isCaller = (allowed: AllowedClient): boolean => {
    const client = typeof allowed === 'string' ? { issuer: primaryIssuer, clientId: allowed } : allowed;
    return client.clientId === caller.clientId && client.issuer === caller.issuer;
  };
  if (!conditions.clients.every((group) => group.some(isCaller))) {
    throw new CallerNotAllowedError(`@AllowClients does not name the client ${caller.clientId} of ${caller.issuer}`);
  }
  if (!hasScopes(caller, conditions)) {
    const groups = conditions.anyScope.map((group) => `one of (${group.join(' ')})`);
    const needed = [...conditions.allScopes, ...groups].join(' ');
    const held = caller.scopes.join(' ');
    throw new InsufficientScopeError(`the client ${caller.clientId} has [${held}], the route needs [${needed}]`);
  }
}

function hasScopes({ scopes }: M2MCaller, { allScopes, anyScope }: HandlerConditions): boolean {
  for (const scope of allScopes) if (!scopes.includes(scope)) return false;
  return anyScope.every((group) => group.some((scope) => scopes.includes(scope)));
}
