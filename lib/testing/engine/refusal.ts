/** What a token request can be refused for. How a product says so is its dialect's business. */
export type RefusalReason =
  | 'unsupported_body'
  | 'repeated_parameter'
  | 'missing_parameter'
  | 'unsupported_grant_type'
  | 'exchange_not_granted'
  | 'public_client'
  | 'unsupported_token_type'
  | 'bad_token'
  | 'not_for_client'
  | 'no_user'
  | 'no_credentials'
  | 'several_credentials'
  | 'malformed_credentials'
  | 'unknown_client'
  | 'unregistered_method'
  | 'wrong_secret'
  | 'expired_secret'
  | 'bad_assertion'
  | 'no_certificate_named'
  | 'unregistered_certificate'
  | 'missing_resource'
  | 'unknown_resource'
  | 'resource_not_granted'
  | 'missing_scope'
  | 'invalid_scope'
  | 'scope_not_granted'
  | 'organization_not_granted'
  | 'quota_exceeded';

/** Ends a request with an error answer. */
export class Refusal extends Error {
  constructor(
    readonly reason: RefusalReason,
    /** The thing at fault: the parameter, the resource, the scopes. */
    readonly detail = '',
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${reason} ${detail}`.trim());
  }
}

/** How a product says one refusal. */
export interface RefusalAnswer {
  readonly status: number;
  readonly error: string;
  readonly description?: string | undefined;
  /** The vendor's own code, if it has one. */
  readonly code?: number | string | undefined;
}

export type RefusalTable = Readonly<Record<RefusalReason, (detail: string) => RefusalAnswer>>;

/** One line of a refusal table; `%` in the description stands for the thing at fault. */
export function refuse(
  status: number,
  error: string,
  description?: string,
  code?: number | string,
): (detail: string) => RefusalAnswer {
  return (detail) => ({ status, error, description: description?.replaceAll('%', () => detail), code });
}
