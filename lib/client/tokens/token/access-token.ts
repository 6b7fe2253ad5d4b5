import { inspect, type InspectOptions } from 'node:util';
import { bearer } from '../../requests/schemes/bearer.js';

/** No further members. */
export const NO_EXTRA: AccessToken['extra'] = Object.freeze({});

/** An access token, as the token endpoint issued it. Nothing that prints it prints its value. */
export class AccessToken {
  readonly #value: string;
  readonly #extra: Readonly<Record<string, unknown>>;
  /** The `token_type` (RFC 6749, section 7.1). */
  readonly type = bearer.tokenType;

  constructor(
    value: string,
    /** When the server says that it expires. */
    readonly expiresAt: Date,
    /** The scopes granted; `undefined` if neither the server nor the token says. */
    readonly scope: readonly string[] | undefined,
    extra: Readonly<Record<string, unknown>> = NO_EXTRA,
  ) {
    this.#value = value;
    this.#extra = extra;
  }

  /** The token itself. */
  get value(): string {
    return this.#value;
  }

  /**
   * Further members of the token response, frozen: `instance_url` and the like. Refresh tokens, ID tokens and what has
   * more than 8 KB are left out.
   */
  get extra(): Readonly<Record<string, unknown>> {
    return this.#extra;
  }

  /**
   * With `getters: true`, values of getters are printed.
   *
   * @internal
   */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    const { expiresAt, scope, type } = this;
    return `AccessToken ${inspect({ expiresAt, scope, type }, options)}`;
  }
}
