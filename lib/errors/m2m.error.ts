import { inOneLine } from './printable.js';

/** The stable code of every error that this package throws. New codes may come in a minor version. */
export type M2MErrorCode =
  | 'ERR_M2M_CONFIGURATION'
  | 'ERR_M2M_TOKEN_REQUEST'
  | 'ERR_M2M_TOKEN_ENDPOINT'
  | 'ERR_M2M_UNTRUSTED_TARGET'
  | 'ERR_M2M_NO_CALLER_TOKEN'
  | 'ERR_M2M_BUDGET_EXCEEDED'
  | 'ERR_M2M_DISCOVERY'
  | 'ERR_M2M_CALLBACK'
  | 'ERR_M2M_TOKEN_STORE'
  | 'ERR_M2M_INVALID_TOKEN'
  | 'ERR_M2M_INSUFFICIENT_SCOPE'
  | 'ERR_M2M_CALLER_NOT_ALLOWED'
  | 'ERR_M2M_KEYS_UNAVAILABLE';

/**
 * The base of every error that this package throws.
 *
 * No message, property or `cause` of it holds a secret, an assertion or a token. A message is one line, but for that of a
 * configuration error, and holds no control characters.
 */
export abstract class M2MError extends Error {
  // The name is a literal on each prototype: minifiers change those of classes. A subclass may set its own.
  static {
    this.prototype.name = 'M2MError';
  }

  /** A stable code to decide by; the message may change in any version. */
  abstract readonly code: M2MErrorCode;

  /** @param message one line, or several */
  constructor(message: string | readonly string[], options?: ErrorOptions) {
    super([message].flat().map(inOneLine).join('\n'), options);
  }
}

/**
 * Tells whether a value is an error of this package, from whichever copy of it.
 *
 * @example
 * catch (error) { if (isM2MError(error) && error.code === 'ERR_M2M_TOKEN_ENDPOINT') ... }
 */
export function isM2MError(error: unknown): error is M2MError {
  try {
    return (
      error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('ERR_M2M_')
    );
  } catch {
    // A getter or a proxy that throws.
    return false;
  }
}
