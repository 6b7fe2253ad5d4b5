import type { JWTPayload } from 'jose';
import type { Parameters } from './received-request.js';
import type { RegisteredClient, Registry } from './registry.js';

/** A client that proved who it is, and what it asks for. */
export interface GrantRequest {
  readonly parameters: Parameters;
  readonly client: RegisteredClient;
  readonly registry: Registry;
}

/** A client that has somebody's token, and asks for another one with it. */
export interface ExchangeRequest extends GrantRequest {
  /** The claims of a token of this server that is valid now. */
  readonly read: (token: string) => Promise<JWTPayload | undefined>;
}

/** What a token is for. Scopes are as they stand on the wire. */
export interface GrantedAccess {
  readonly audience: readonly string[];
  readonly scope: readonly string[];
  readonly organization?: string | undefined;
}

/** What a client gets for somebody's token. */
export interface ExchangedAccess extends GrantedAccess {
  /** The user or other subject that the client acts for. */
  readonly subject: string;
  /** Claims besides those of a user's token, or in their place; `undefined` removes one. @default none */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** When the new token ends at the latest, in seconds since the epoch. @default any time */
  readonly notAfter?: number | undefined;
  /** @default that of the client */
  readonly format?: 'jwt' | 'opaque' | undefined;
  /** Members of the token response besides those of every one. */
  readonly answer: Readonly<Record<string, unknown>>;
}

/** Everything that a dialect writes into a token. Times are in seconds, as in the token. */
export interface IssuedToken extends GrantedAccess {
  readonly client: RegisteredClient;
  readonly issuer: string;
  /** The user or other subject that the client acts for; absent: the client acts for itself. */
  readonly user?: string | undefined;
  readonly id: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}
