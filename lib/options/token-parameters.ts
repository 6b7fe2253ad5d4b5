import type { TokenParameters } from '../authorization-servers/authorization-server.js';
import type { M2MTokenOptions } from './client-options.js';

/**
 * What a token is asked for, from the weakest layer to the strongest: client, target, request.
 * A field that a layer names replaces that of the layers before it; nothing is merged.
 */
export function tokenParameters(base: TokenParameters, ...layers: readonly M2MTokenOptions[]): TokenParameters {
  return layers.reduce<TokenParameters>(
    (below, { audience, resource, scope, organization, parameters }) =>
      Object.freeze({
        audience: audience ?? below.audience,
        resource: resource === undefined ? below.resource : distinct([resource].flat()),
        scope: scope === undefined ? below.scope : distinct([scope].flat().flatMap((value) => value.split(' '))),
        organization: organization ?? below.organization,
        parameters: parameters ?? below.parameters,
      }),
    base,
  );
}

/** A request that asks for nothing in particular. */
export const noParameters: TokenParameters = Object.freeze({
  audience: undefined,
  resource: Object.freeze([]),
  scope: Object.freeze([]),
  organization: undefined,
  parameters: Object.freeze({}),
});

function distinct(values: readonly string[]): readonly string[] {
  return Object.freeze([...new Set(values)].filter((value) => value !== '').toSorted());
}
