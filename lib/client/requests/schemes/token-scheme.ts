/** A request that is about to be sent with a token. */
export interface TokenAttempt {
  /** In upper case. */
  readonly method: string;
  readonly url: URL;
  /** The access token's value. */
  readonly token: string;
}

/** As much of a target's response as a scheme reads. */
export interface ObservedResponse {
  readonly status: number;
  /** By name, in any case. */
  readonly headers: Readonly<Record<string, unknown>>;
}

/**
 * What a response means for the token.
 *
 * - `rejected`: it says that the token is not valid.
 * - `unexplained`: it asks for a token of this scheme, and does not say what is wrong with this one.
 * - `unchallenged`: a 401 that says nothing at all.
 * - `again`: it asks for the same token once more.
 * - `unknown`: it tells nothing about the token.
 */
export type Observation = 'accepted' | 'rejected' | 'unexplained' | 'unchallenged' | 'again' | 'unknown';

/**
 * How an access token is presented to a target, and how the target's answer is read.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-7.1 RFC 6749, section 7.1}
 */
export interface TokenScheme {
  /** The `token_type` of the tokens that it presents. Its case does not matter. */
  readonly tokenType: string;
  /** The headers that present a token. A redirect out of the target carries none of them. */
  prepare(attempt: TokenAttempt): Readonly<Record<string, string>>;
  /**
   * What the response to a request with a token means. It is called for every such response.
   *
   * @param origin where the request was sent
   */
  observe(origin: string, response: ObservedResponse): Observation;
}
