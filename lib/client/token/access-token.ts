/** An access token, as the token endpoint issued it. Its value is not enumerable, so that nothing prints it by accident. */
export class AccessToken {
  /** The token itself. */
  declare readonly value: string;
  readonly type = 'Bearer';

  constructor(
    value: string,
    /** When the server says that it expires. */
    readonly expiresAt: Date,
    /** The scopes granted; `undefined` where the server did not say and the token cannot be read. */
    readonly scope: readonly string[] | undefined,
  ) {
    Object.defineProperty(this, 'value', { value, enumerable: false });
  }
}
