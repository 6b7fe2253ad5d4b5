import type { CallerKind } from '../authorization-servers/authorization-server.js';

/** Who is calling, read from a verified access token. Deeply immutable. */
export interface M2MCaller {
  readonly clientId: string;
  /** The `issuer` of its authorization server, also where that server writes several names into its tokens. */
  readonly issuer: string;
  /** The `sub` of the token. */
  readonly subject: string | undefined;
  readonly audience: readonly string[];
  readonly scopes: readonly string[];
  readonly organization: string | undefined;
  readonly kind: CallerKind;
  readonly expiresAt: Date;
  /** Every claim of the token; parsed when asked for. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Whether the token holds a scope: compared whole and case-sensitively. */
  hasScope(scope: string): boolean;
}
