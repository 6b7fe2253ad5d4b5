import { M2MError } from './m2m.error.js';

/** What the token endpoint answered, as far as it is safe to show. */
export interface TokenRequestRefusal {
  /** The `error` of the answer; `http_<status>` if it had none. */
  readonly error: string;
  /** The `error_description` of the answer, if it had one; no credential is in it. */
  readonly errorDescription?: string | undefined;
  /** The HTTP status of the answer. */
  readonly upstreamStatus: number;
  /** Seconds until the next request may be sent, at most 3600; `undefined` if the server did not say. */
  readonly retryAfter?: number | undefined;
  /** Further members that a vendor's support asks for (`trace_id`, `code`, ...). */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The authorization server refused to issue a token.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 RFC 6749, section 5.2}
 */
export class TokenRequestError extends M2MError {
  static {
    this.prototype.name = 'TokenRequestError';
  }

  readonly code = 'ERR_M2M_TOKEN_REQUEST';
  /** The `error` of the answer; `http_<status>` if it had none. */
  readonly error: string;
  /** The `error_description` of the answer, if it had one; no credential is in it. */
  readonly errorDescription: string | undefined;
  /** The HTTP status of the answer. */
  readonly upstreamStatus: number;
  /** Seconds until the next request may be sent, at most 3600; `undefined` if the server did not say. */
  readonly retryAfter: number | undefined;
  /** Further members that a vendor's support asks for (`trace_id`, `code`, ...). */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(message: string, refusal: TokenRequestRefusal) {
    super(message);
    this.error = refusal.error;
    this.errorDescription = refusal.errorDescription;
    this.upstreamStatus = refusal.upstreamStatus;
    this.retryAfter = refusal.retryAfter;
    this.details = refusal.details;
  }
}
