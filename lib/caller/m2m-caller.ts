import type { CallerKind } from '../authorization-servers/authorization-server.js';

/**
 * Who is calling, read from a verified access token. Deeply immutable.
 *
 * Every field is its own: a spread copy, `structuredClone` and serializers keep them all. `hasScope` is not a field. A Proxy
 * of it, and an object that inherits from it, have no `claims`.
 */
export interface M2MCaller {
  /** The client that the token was issued to. */
  readonly clientId: string;
  /** The `issuer` of its authorization server, also if that server writes several names into its tokens. */
  readonly issuer: string;
  /** The `sub` of the token. */
  readonly subject: string | undefined;
  /** Every audience of the token, those of other APIs included. */
  readonly audience: readonly string[];
  /** Those of the token; of a trusted issuer only the ones that its entry in `trust` lists. */
  readonly scopes: readonly string[];
  /** The organization that the token is for, if it names one. */
  readonly organization: string | undefined;
  /** The tenant whose issuer it is, as its entry in `trust`, or the answer of `trust.resolve`, says. */
  readonly tenant: string | undefined;
  /** Whether the token was issued to a machine for itself. */
  readonly kind: CallerKind;
  /** The `exp` of the token, in milliseconds since the epoch. It is accepted for `clockTolerance` longer. */
  readonly expiresAt: number;
  /** Every claim of the token; parsed when asked for. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Whether `scopes` has a scope: compared whole and case-sensitively. */
  hasScope(scope: string): boolean;
}

/** The name of a field of a caller. */
export type M2MCallerField = Exclude<keyof M2MCaller, 'hasScope'>;
