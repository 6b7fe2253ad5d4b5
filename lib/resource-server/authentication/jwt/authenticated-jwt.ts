import type { VerifiedCaller } from '../../../caller/verified-caller.js';
import type { AuthenticatedToken } from '../access-token-authenticator.js';
import type { KeySet } from './key-set.js';
import type { VerificationKey } from './verification-key.js';

/** A JWT whose signature and claims passed. */
export class AuthenticatedJwt implements AuthenticatedToken {
  /**
   * @param acceptedUntil milliseconds since the epoch
   * @param confirmation the `cnf` of the token
   * @param key what it was signed with
   * @param keys of its issuer
   */
  constructor(
    readonly caller: VerifiedCaller,
    readonly acceptedUntil: number,
    readonly confirmation: unknown,
    private readonly key: VerificationKey,
    private readonly keys: KeySet,
  ) {}

  get jti(): string | undefined {
    return this.caller.claims['jti'] as string | undefined;
  }

  get issuedAt(): number | undefined {
    return this.caller.claims['iat'] as number | undefined;
  }

  /** Whether the key is still published, as far as that is known now. */
  isStillValid(): boolean {
    return !this.key.withdrawn && this.keys.isUsable();
  }
}
