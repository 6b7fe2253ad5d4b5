/** A client that `@AllowClients` names: by its id alone where it belongs to the primary issuer. */
export type AllowedClient = string | { readonly issuer: string; readonly clientId: string };

/** What one decorator says about the callers of a route; `Public` says that nobody is asked who they are. */
export type Condition =
  | { readonly decorator: 'Public' }
  | { readonly decorator: 'RequireScopes'; readonly scopes: readonly string[] }
  | { readonly decorator: 'RequireAnyScope'; readonly scopes: readonly string[] }
  | { readonly decorator: 'AllowClients'; readonly clients: readonly AllowedClient[] };

/** A condition that asks something of the caller. */
export type Requirement = Exclude<Condition, { decorator: 'Public' }>;

export function isRequirement(condition: Condition): condition is Requirement {
  return condition.decorator !== 'Public';
}
