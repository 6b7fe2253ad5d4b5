import type { RequestedToken } from '../../events/requested-token.js';

/** The parameters of a token request, without those that client authentication adds. */
export type WireParameters = Readonly<Record<string, unknown>>;

/**
 * An authorization grant: what a token request presents to the token endpoint.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-1.3 RFC 6749, section 1.3}
 */
export interface Grant {
  /** `grant_type` of the request. */
  readonly grantType: string;
  /** What the token is requested for, for events and messages. */
  readonly requested: RequestedToken;
  /** Whether a token is renewed before it expires. */
  readonly renewsAhead: boolean;
  /** Whether other processes may use the token. */
  readonly isShareable: boolean;
  /** The same parameters at every call. */
  parameters(): WireParameters;
}
