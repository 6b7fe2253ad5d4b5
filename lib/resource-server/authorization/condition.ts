/** A client that `@AllowClients` names: by its id alone if it belongs to the primary issuer. */
export type AllowedClient =
  | string
  | {
      /** The `issuer` of its authorization server. */
      readonly issuer: string;
      /** Its `client_id` there. */
      readonly clientId: string;
    };

/** What one decorator says about the callers of a handler; `Public` says that no token is needed. */
export type Condition =
  | { readonly decorator: 'Public' }
  | { readonly decorator: 'RequireScopes'; readonly scopes: readonly string[] }
  | { readonly decorator: 'RequireAnyScope'; readonly scopes: readonly string[] }
  | { readonly decorator: 'AllowClients'; readonly clients: readonly AllowedClient[] };

/** A condition that asks something of the caller. */
export type Requirement = Exclude<Condition, { decorator: 'Public' }>;

const DECORATORS: ReadonlySet<unknown> = new Set<Condition['decorator']>([
  'Public',
  'RequireScopes',
  'RequireAnyScope',
  'AllowClients',
]);

/** Whether a condition asks something of the caller. */
export function isRequirement(condition: Condition): condition is Requirement {
  return condition.decorator !== 'Public';
}

/** Whether this copy of the package knows a condition, which another copy may have written. */
export function isCondition(value: unknown): value is Condition {
  if (typeof value !== 'object' || value === null) return false;
  const { decorator, scopes, clients } = value as Partial<Record<string, unknown>>;
  if (!DECORATORS.has(decorator)) return false;
  return decorator === 'Public' || Array.isArray(decorator === 'AllowClients' ? clients : scopes);
}
