import type { VerifiedCaller } from '../../../caller/verified-caller.js';
import type { Clock } from '../../../time/clock.js';
import { since, type Moment } from '../../../time/moment.js';
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
   * @param asOf when the authorization server was asked
   * @param ttl milliseconds for which its answer counts
   */
  constructor(
    readonly caller: VerifiedCaller,
    readonly acceptedUntil: number,
    readonly confirmation: unknown,
    private readonly activity: Activity,
    private readonly asOf: Moment,
    private readonly ttl: number,
    private readonly clock: Clock,
  ) {}

  get jti(): string | undefined {
    return this.caller.claims['jti'] as string | undefined;
  }

  get issuedAt(): number | undefined {
    return this.caller.claims['iat'] as number | undefined;
  }

  /** Whether the answer still counts: by either clock, because one stands still while the machine is suspended. */
  isStillValid(): boolean {
    return this.activity.isActive && since(this.asOf, this.clock) < this.ttl;
  }
}
