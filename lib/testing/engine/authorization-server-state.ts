import type { Clock } from '../../time/clock.js';
import type { Dialect } from './dialect.js';
import type { ClientVerifier } from './client-verifier.js';
import type { KeyRing } from './key-ring.js';
import type { Quotas } from './quota.js';
import type { ReceivedRequest } from './received-request.js';
import type { Registry } from './registry.js';
import type { TokenIssuer } from './token-issuer.js';

/** What the endpoints share. */
export interface AuthorizationServerState {
  readonly dialect: Dialect;
  /** Scheme, host and port that the server listens at. */
  readonly origin: string;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly keys: KeyRing;
  readonly clientVerifier: ClientVerifier;
  readonly tokens: TokenIssuer;
  readonly quotas: Quotas;
  /** Whether requests that name another host than loopback are refused. */
  readonly loopbackHostsOnly: boolean;
  /** Origins whose pages may send requests. */
  readonly allowedOrigins: readonly string[];
}

/** The origin that a request was sent to, if the product uses it. */
export function originOf({ dialect, origin }: AuthorizationServerState, request?: ReceivedRequest): string {
  const host = request?.headers['host'];
  return dialect.issuerFollowsHost && host ? `${new URL(origin).protocol}//${host}` : origin;
}

export function issuerOf(state: AuthorizationServerState, request?: ReceivedRequest): string {
  return originOf(state, request) + state.dialect.issuerPath;
}

/** What a client's assertion may carry in `aud`. */
export function assertionAudiences(state: AuthorizationServerState, request: ReceivedRequest): readonly string[] {
  const { dialect } = state;
  return dialect.clientAuthentication.assertionAudience.map((name) =>
    name === 'issuer' ? issuerOf(state, request) : originOf(state, request) + dialect.paths.token,
  );
}
