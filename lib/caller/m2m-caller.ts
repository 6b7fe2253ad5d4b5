import type { CallerKind } from '../authorization-servers/authorization-server.js';

/**
 * Who is calling, read from a verified access token. Deeply immutable.
 *
 * Pass it on itself: a copy or a Proxy of it lacks what is read from the token when it is asked for.
 */
export interface M2MCaller {
  readonly clientId: string;
  /** The `issuer` of its authorization server, also where that server writes several names into its tokens. */
  readonly issuer: string;
  /** The `sub` of the token. */
  readonly subject: string | undefined;
  /** Every audience of the token, those of other APIs included. */
  readonly audience: readonly string[];
  /** Those of the token; of a trusted issuer only the ones that its entry in `trust` lists. */
  readonly scopes: readonly string[];
  readonly organization: string | undefined;
  readonly kind: CallerKind;
  /** The `exp` of the token. It is accepted for `clockTolerance` longer. */
  readonly expiresAt: Date;
  /** Every claim of the token; parsed when asked for. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Whether `scopes` has a scope: compared whole and case-sensitively. */
  hasScope(scope: string): boolean;
}
