import { bearer } from '../../requests/schemes/bearer.js';

/** An access token, as the token endpoint issued it. Nothing that prints it prints its value. */
export class AccessToken {
  readonly #value: string;
  /** The `token_type` (RFC 6749, section 7.1). */
  readonly type = bearer.tokenType;

  constructor(
    value: string,
    /** When the server says that it expires. */
    readonly expiresAt: Date,
    /** The scopes granted; `undefined` if neither the server nor the token says. */
    readonly scope: readonly string[] | undefined,
  ) {
    this.#value = value;
  }

  /** The token itself. */
  get value(): string {
    return this.#value;
  }
}
