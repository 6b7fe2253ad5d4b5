import { isObject } from '../../validation/checks.js';

/** A client that `@AllowClients` names: by its id alone if it belongs to the primary issuer. */
export type AllowedClient =
  | string
  | {
      /** The `issuer` of its authorization server. */
      readonly issuer: string;
      /** Its `client_id` there. */
      readonly clientId: string;
    };

/**
 * What one decorator says about the callers of a handler. `Public` says that no token is needed; `OptionalToken` says that
 * none is needed, and that one which comes must be good.
 */
export type Condition =
  | {
      /** The name of the decorator. */
      readonly decorator: 'Public' | 'OptionalToken';
    }
  | {
      /** The name of the decorator. */
      readonly decorator: 'RequireScopes';
      /** Its arguments. */
      readonly scopes: readonly string[];
    }
  | {
      /** The name of the decorator. */
      readonly decorator: 'RequireAnyScope';
      /** Its arguments. */
      readonly scopes: readonly string[];
    }
  | {
      /** The name of the decorator. */
      readonly decorator: 'AllowClients';
      /** Its arguments. */
      readonly clients: readonly AllowedClient[];
    }
  | {
      /** The name of the decorator. */
      readonly decorator: 'RequireAudience';
      /** Its argument. */
      readonly audience: string;
    };

/** A condition that asks something of the caller. */
export type Requirement = Exclude<Condition, { decorator: 'Public' | 'OptionalToken' }>;

/** Whether a condition asks something of the caller. */
export function isRequirement(condition: Condition): condition is Requirement {
  return !isPublic(condition) && !isOptionalToken(condition);
}

export function isPublic({ decorator }: Condition): boolean {
  return decorator === 'Public';
}

export function isOptionalToken({ decorator }: Condition): boolean {
  return decorator === 'OptionalToken';
}

/** Whether conditions say that no token is needed, and nothing else. */
export function isLifting(conditions: readonly Condition[]): boolean {
  return conditions.length > 0 && !conditions.some(isRequirement);
}

/** Whether this copy of the package knows a condition, which another copy may have written. */
export function isCondition(value: unknown): value is Condition {
  if (!isObject(value)) return false;
  const { decorator, scopes, clients, audience } = value;
  if (decorator === 'RequireScopes' || decorator === 'RequireAnyScope') return Array.isArray(scopes);
  if (decorator === 'AllowClients') return Array.isArray(clients);
  if (decorator === 'RequireAudience') return typeof audience === 'string';
  return decorator === 'Public' || decorator === 'OptionalToken';
}
