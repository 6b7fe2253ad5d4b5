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
        parameters: parameters === undefined ? below.parameters : frozenCopy(parameters),
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

/** The names of those further parameters of which neither a request nor the key of its token can be made. */
export function unwritableParameters(parameters: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(parameters).filter((name) => !isWritable(parameters[name], [parameters]));
}

/** @param around the objects that the value lies in */
function isWritable(value: unknown, around: readonly unknown[]): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return !['bigint', 'function', 'symbol'].includes(typeof value);
  // JSON makes `null` of what is missing in a list, and a form a word.
  if (Array.isArray(value) && value.includes(undefined)) return false;
  const members: readonly unknown[] = Object.values(value);
  const within = [...around, value];
  return isPlain(value) && !around.includes(value) && members.every((member) => isWritable(member, within));
}

/** An object of a class would be written without what makes it differ from others. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Every realm has an Object.prototype of its own.
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A copy for good: who gave the original may go on using it, and change it, while the token is renewed. */
function frozenCopy<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  const copy = Array.isArray(value)
    ? value.map(frozenCopy)
    : Object.fromEntries(Object.entries(value).map(([name, member]) => [name, frozenCopy<unknown>(member)]));
  return Object.freeze(copy) as Value;
}

function distinct(values: readonly string[]): readonly string[] {
  return Object.freeze([...new Set(values)].filter((value) => value !== '').toSorted());
}
