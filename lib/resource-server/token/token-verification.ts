import type { Claims } from '../../authorization-servers/authorization-server.js';
import type { Clock } from '../../clock.js';
import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import type { ResolvedIssuer, ResolvedResourceServerOptions } from '../../options/resolved-options.js';
import type { KeySet } from '../key-set/key-set.js';
import type { VerificationKey } from '../key-set/verification-key.js';
import type { M2MCaller } from '../m2m-caller.js';
import { checkKind, checkTimes } from './claim-rules.js';
import { parseCompactJws } from './compact-jws.js';
import { checkHeader } from './header-rules.js';
import { readCaller } from './read-caller.js';
import { VerifiedCaller } from './verified-caller.js';

/** An issuer whose tokens are accepted, with the keys that only its own tokens are verified with. */
export interface AcceptedIssuer {
  readonly options: ResolvedIssuer;
  readonly keys: KeySet;
}

/** A token that is worth verifying: everything about it holds that can be told without its signature. */
export interface OpenedToken {
  readonly token: string;
  readonly alg: string;
  readonly claims: Claims;
  /** One character for each byte. */
  readonly payload: string;
  readonly issuer: AcceptedIssuer;
  readonly key: VerificationKey;
}

/** A token that passed, and how long that may be remembered. */
export interface VerifiedToken {
  readonly caller: M2MCaller;
  readonly key: VerificationKey;
  readonly keys: KeySet;
  /** Milliseconds since the epoch. */
  readonly acceptedUntil: number;
}

/** The rules of this resource server, before and after a token's signature is verified. */
export class TokenVerification {
  private readonly byIssuer: ReadonlyMap<unknown, AcceptedIssuer>;

  constructor(
    readonly issuers: readonly AcceptedIssuer[],
    private readonly options: ResolvedResourceServerOptions,
    private readonly clock: Clock,
  ) {
    this.byIssuer = new Map(issuers.flatMap((issuer) => acceptedIssuers(issuer).map((iss) => [iss, issuer])));
  }

  /** @throws InvalidTokenError, KeysUnavailableError */
  async open(token: string): Promise<OpenedToken> {
    const { header, claims, payload } = parseCompactJws(token);
    const { alg, kid } = checkHeader(header, this.options);
    const issuer = this.byIssuer.get(claims['iss']);
    if (!issuer) throw new InvalidTokenError('issuer', 'the token is of an issuer that is not accepted here');
    return { token, alg, claims, payload, issuer, key: await issuer.keys.find(alg, kid) };
  }

  /** @throws InvalidTokenError, CallerNotAllowedError */
  accept({ claims, payload, issuer, key }: OpenedToken): VerifiedToken {
    const { expiresAt, acceptedUntil } = checkTimes(claims, this.options, this.clock.wall());
    checkKind(claims);
    const named = readCaller(claims, issuer.options);
    const subject = claims['sub'] as string | undefined;
    const caller = new VerifiedCaller(issuer.options.authorizationServer.issuer, subject, named, expiresAt, payload);
    return { caller, key, keys: issuer.keys, acceptedUntil };
  }
}

function acceptedIssuers({ options: { authorizationServer } }: AcceptedIssuer): readonly string[] {
  return authorizationServer.acceptedIssuers ?? [authorizationServer.issuer];
}
