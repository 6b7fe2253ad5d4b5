import type { Parameters } from './received-request.js';
import type { RegisteredClient, Registry } from './registry.js';

/** A client that proved who it is, and what it asks for. */
export interface GrantRequest {
  readonly parameters: Parameters;
  readonly client: RegisteredClient;
  readonly registry: Registry;
}

/** What a token is for. Scopes are as they stand on the wire. */
export interface GrantedAccess {
  readonly audience: readonly string[];
  readonly scope: readonly string[];
  readonly organization?: string | undefined;
}

/** Everything that a dialect writes into a token. Times are in seconds, as in the token. */
export interface IssuedToken extends GrantedAccess {
  readonly client: RegisteredClient;
  readonly issuer: string;
  /** The user that the client acts for; absent: the client acts for itself. */
  readonly user?: string | undefined;
  readonly id: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}
