import type { TokenParameters } from '../../authorization-servers/authorization-server.js';

/**
 * What was requested for a token. Further parameters are left out, because they may hold secrets.
 *
 * `getToken(event.requested)` gets a token of the module's own client for it.
 */
export type RequestedToken = Omit<TokenParameters, 'parameters'>;

/** The part of a token request that may be shown. */
export function requestedToken({ audience, resource, scope, organization }: TokenParameters): RequestedToken {
  return Object.freeze({ audience, resource, scope, organization });
}

/** The same in words. */
export function inWords({ audience, resource, scope, organization }: RequestedToken): string {
  const parts = [
    audience !== undefined && `audience ${audience}`,
    resource.length > 0 && `resource ${resource.join(' ')}`,
    scope.length > 0 && `scope ${scope.join(' ')}`,
    organization !== undefined && `organization ${organization}`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'nothing in particular' : parts.join(', ');
}
