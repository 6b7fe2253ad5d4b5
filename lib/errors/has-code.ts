import type { BudgetExceededError } from './budget-exceeded.error.js';
import type { CallbackError } from './callback.error.js';
import type { CallerNotAllowedError } from './caller-not-allowed.error.js';
import type { M2MConfigurationError } from './configuration.error.js';
import type { DiscoveryError } from './discovery.error.js';
import type { InsufficientScopeError } from './insufficient-scope.error.js';
import type { InvalidTokenError } from './invalid-token.error.js';
import type { KeysUnavailableError } from './keys-unavailable.error.js';
import { isM2MError, type M2MErrorCode } from './m2m.error.js';
import type { NoCallerTokenError } from './no-caller-token.error.js';
import type { TokenEndpointError } from './token-endpoint.error.js';
import type { TokenRequestError } from './token-request.error.js';
import type { TokenStoreError } from './token-store.error.js';
import type { UntrustedTargetError } from './untrusted-target.error.js';

type CodedError =
  | BudgetExceededError
  | NoCallerTokenError
  | CallbackError
  | CallerNotAllowedError
  | M2MConfigurationError
  | DiscoveryError
  | InsufficientScopeError
  | InvalidTokenError
  | KeysUnavailableError
  | TokenEndpointError
  | TokenRequestError
  | TokenStoreError
  | UntrustedTargetError;

/**
 * Tells whether a value is the error of a code, from whichever copy of this package. `instanceof` knows one copy only.
 *
 * Another copy may be of another version: the fields of its errors may be of any type.
 */
export function hasCode<Code extends M2MErrorCode>(
  error: unknown,
  code: Code,
): error is Extract<CodedError, { readonly code: Code }> {
  return isM2MError(error) && error.code === code;
}
