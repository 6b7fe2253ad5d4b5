import { M2MError } from './m2m.error.js';

/** Why an access token may be refused. */
export const INVALID_TOKEN_REASONS = [
  // No Bearer credentials came.
  'absent',
  // The credentials are malformed, or came in more than one place.
  'request',
  // It is no machine's token, and the strategy for users beside M2MGuard did not accept it.
  'user',
  'malformed',
  'too-large',
  // The authorization server says that it is not active, or not for the client that asked.
  'inactive',
  'algorithm',
  'type',
  'critical-header',
  'issuer',
  'key',
  'signature',
  'expired',
  'not-yet-valid',
  'too-old',
  'claims',
  'audience',
  'client',
  'not-an-access-token',
  'sender-constrained',
] as const;

/**
 * Why an access token was refused; for logs and metrics, never for the caller. Reasons may be added in a minor version.
 *
 * `absent`: no Bearer credentials came; `request`: they are malformed, or came in more than one place; `user`: it is no
 * machine's token, and the strategy for users beside M2MGuard did not accept it; `inactive`: the authorization server says
 * that it is not active, or not for the client that asked.
 */
export type InvalidTokenReason = (typeof INVALID_TOKEN_REASONS)[number];

/** The reason that a value is; `undefined` for any other: errors of user code and of other copies may have anything there. */
export function knownReason(value: unknown): InvalidTokenReason | undefined {
  return INVALID_TOKEN_REASONS.find((reason) => reason === value);
}

/**
 * The access token is not one that this resource server accepts.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export class InvalidTokenError extends M2MError {
  static {
    this.prototype.name = 'InvalidTokenError';
  }

  readonly code = 'ERR_M2M_INVALID_TOKEN';

  constructor(
    readonly reason: InvalidTokenReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
