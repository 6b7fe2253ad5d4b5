import type { Claims } from '../../../authorization-servers/authorization-server.js';
import type { Clock } from '../../../time/clock.js';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import type { ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import type { KeySet } from './key-set.js';
import type { VerificationKey } from './verification-key.js';
import { issuerNames, type AcceptedIssuer } from './accepted-issuer.js';
import { checkKind, checkTimes } from './claim-rules.js';
import { parseCompactJws } from './compact-jws.js';
import { checkHeader } from './header-rules.js';
import { readCaller } from './read-caller.js';
import { SharedLists } from './shared-lists.js';
import { VerifiedCaller } from '../../../caller/verified-caller.js';

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
  readonly caller: VerifiedCaller;
  readonly key: VerificationKey;
  readonly keys: KeySet;
  /** Milliseconds since the epoch. */
  readonly acceptedUntil: number;
}

/** The rules of this resource server, before and after a token's signature is verified. */
export class JwtAuthenticator {
  private readonly lists = new SharedLists();
  private readonly byIssuer: ReadonlyMap<unknown, AcceptedIssuer>;

  constructor(
    readonly issuers: readonly AcceptedIssuer[],
    private readonly options: ResolvedResourceServerOptions,
    private readonly clock: Clock,
  ) {
    this.byIssuer = new Map(issuers.flatMap((issuer) => issuerNames(issuer).map((iss) => [iss, issuer])));
  }

  /** @throws InvalidTokenError, KeysUnavailableError */
  async open(token: string): Promise<OpenedToken> {
    const { header, claims, payload } = parseCompactJws(token);
    const { alg, kid } = checkHeader(header, this.options);
    const issuer = this.byIssuer.get(claims['iss']);
    if (!issuer) throw new InvalidTokenError('issuer', this.unknownIssuer(claims['iss']));
    const key = issuer.keys.known(alg, kid) ?? (await issuer.keys.find(alg, kid));
    return { token, alg, claims, payload, issuer, key };
  }

  /** Nothing vouches for the token yet: of what it says, a line of a log shows no more than it can take. */
  private unknownIssuer(iss: unknown): string {
    const shown = typeof iss === 'string' ? `'${iss.slice(0, 200).replaceAll(/[^ -~]/g, '?')}'` : 'not named';
    return `the token's issuer is ${shown}, and not one of [${Array.from(this.byIssuer.keys()).join(', ')}]`;
  }

  /** @throws InvalidTokenError, CallerNotAllowedError */
  accept({ claims, payload, issuer, key }: OpenedToken): VerifiedToken {
    const { expiresAt, acceptedUntil } = checkTimes(claims, this.options, this.clock.wall());
    checkKind(claims);
    const named = readCaller(claims, issuer.options);
    const caller = new VerifiedCaller(
      issuer.options.authorizationServer.issuer,
      { ...named, scopes: this.lists.share(named.scopes), audience: this.lists.share(named.audience) },
      expiresAt,
      payload,
    );
    return { caller, key, keys: issuer.keys, acceptedUntil };
  }
}
