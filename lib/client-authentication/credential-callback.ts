import { hash } from 'node:crypto';

/** Milliseconds between two calls of a function whose credential is refused, or that fails. */
export const RECHECK_PAUSE = 5000;

/** A function of the options that returns what a client authenticates with: a secret, an assertion, a key, a certificate. */
export interface CredentialCallback<Credential = unknown> {
  /** Whether `value` may repeat what the function returned before. If not, the function is called for every request. */
  readonly isCached: boolean;
  /** SHA-256 of the key or certificate that is at hand. `undefined`: none, or it is a secret. */
  readonly thumbprint?: string | undefined;

  /**
   * The credential for the next token request.
   *
   * @param timeout milliseconds that the function may take
   * @throws TokenEndpointError if it fails or takes longer, M2MConfigurationError if it returns no credential
   */
  value(timeout: number): Promise<Credential>;

  /** The fingerprint of a credential. */
  fingerprint(credential: Credential): string;

  /**
   * Whether the function now returns another credential than the one that was refused.
   *
   * @param refused its fingerprint
   * @param timeout milliseconds that the function may take
   * @throws TokenEndpointError, M2MConfigurationError if there is nothing yet to compare it with
   */
  changedSince(refused: string, timeout: number): Promise<boolean>;

  /**
   * Calls the function if it was not called in the last 5 s, because the credential at hand may be out of date.
   *
   * @param timeout milliseconds that the function may take. After that, and if it fails, the credential at hand stays in use
   */
  recheck?(timeout: number): Promise<void>;

  /** Takes note that the credential may be out of date: the function is called for the next request, every 5 s at most. */
  doubt?(): void;
}

/** A few bits of a credential's hash: enough to tell two credentials apart, too few to find one. */
export function fingerprint(credential: string): string {
  return hash('sha256', credential).slice(0, 8);
}
