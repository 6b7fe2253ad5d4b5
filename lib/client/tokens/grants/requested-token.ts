import type { TokenParameters } from '../../../authorization-servers/authorization-server.js';
import type { RequestedToken } from '../../events/m2m-client-event.js';

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
