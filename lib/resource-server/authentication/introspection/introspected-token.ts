import type { VerifiedCaller } from '../../../caller/verified-caller.js';
import type { AuthenticatedToken } from '../access-token-authenticator.js';

/** Whether a token is active, as far as that is known. It turns false once, for all who hold it. */
export interface Activity {
  isActive: boolean;
}

/** A token that the authorization server said to be active. */
export class IntrospectedToken implements AuthenticatedToken {
  /**
   * @param acceptedUntil milliseconds since the epoch
   * @param confirmation the `cnf` of the token
   */
  constructor(
    readonly caller: VerifiedCaller,
    readonly acceptedUntil: number,
    readonly confirmation: unknown,
    private readonly activity: Activity,
  ) {}

  get jti(): string | undefined {
    return this.caller.claims['jti'] as string | undefined;
  }

  get issuedAt(): number | undefined {
    return this.caller.claims['iat'] as number | undefined;
  }

  /** Whether no later answer took it back. */
  isStillValid(): boolean {
    return this.activity.isActive;
  }
}
