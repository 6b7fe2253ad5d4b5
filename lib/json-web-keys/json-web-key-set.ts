/**
 * Public keys of an authorization server, as it would publish them: the content of a file, a secret or a config map.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-5 RFC 7517, section 5}
 */
export interface JsonWebKeySet {
  /** JSON Web Keys: at most 500, and at least one that can verify a signature. Private and symmetric keys are refused. */
  readonly keys: readonly object[];
}
