import type { GrantRequest } from './grant.js';
import { list, repeated } from './received-request.js';
import { Refusal } from './refusal.js';

/** The rules that products share, for their dialects to put together. */

export const requestedScopes = ({ parameters }: GrantRequest): readonly string[] => list(parameters, 'scope');

export const requestedResources = ({ parameters }: GrantRequest): readonly string[] => repeated(parameters, 'resource');

/** Passes resources that exist and that the client may ask tokens for. @throws Refusal */
export function grantedResources({ client, registry }: GrantRequest, names: readonly string[]): readonly string[] {
  for (const name of names) {
    if (!registry.resources.includes(name)) throw new Refusal('unknown_resource', name);
    if (!registry.resourcesOf(client).includes(name)) throw new Refusal('resource_not_granted', name);
  }
  return names;
}

/** The resources of these names; without any, the client's first one (RFC 9068, section 3). @throws Refusal */
export function namedOrDefault(request: GrantRequest, names: readonly string[]): readonly string[] {
  const { client, registry } = request;
  return grantedResources(request, names.length === 0 ? registry.resourcesOf(client).slice(0, 1) : names);
}

/** Every scope that the client may have at these resources. */
export function grantableScopes({ client, registry }: GrantRequest, resources: readonly string[]): readonly string[] {
  return [...new Set(resources.flatMap((name) => registry.grantable(client, name)))];
}

/** The resources that the requested scopes belong to. */
export function resourcesWith({ client, registry }: GrantRequest, scopes: readonly string[]): readonly string[] {
  return registry
    .resourcesOf(client)
    .filter((name) => registry.grantable(client, name).some((scope) => scopes.includes(scope)));
}

/** @throws Refusal that names the scopes that are not granted */
export function onlyGranted(requested: readonly string[], grantable: readonly string[]): readonly string[] {
  const others = requested.filter((scope) => !grantable.includes(scope));
  if (others.length > 0) throw new Refusal('scope_not_granted', others.join(' '));
  return requested;
}

/** @throws Refusal if the client may not act in the organization */
export function grantedOrganization({ client }: GrantRequest, organization: string | undefined): string | undefined {
  if (organization !== undefined && !(client.organizations?.includes(organization) ?? true)) {
    throw new Refusal('organization_not_granted', organization);
  }
  return organization;
}

/** A `scope` as most products write it: absent if it is empty. */
export function joined(scope: readonly string[]): string | undefined {
  return scope.length > 0 ? scope.join(' ') : undefined;
}

/** An `aud` as most products write it: a string if it is one, absent if it is none. */
export function oneOrMany(values: readonly string[]): string | readonly string[] | undefined {
  return values.length > 1 ? values : values[0];
}
