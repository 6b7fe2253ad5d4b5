import type { Claims } from '../../../authorization-servers/authorization-server.js';
import { VerifiedCaller } from '../../../caller/verified-caller.js';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import { quoted, quotedList } from '../../../events/log-text.js';
import type { ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import type { Clock } from '../../../time/clock.js';
import type { AccessTokenAuthenticator, AuthenticatedToken } from '../access-token-authenticator.js';
import type { AcceptedIssuer } from './accepted-issuer.js';
import { checkKind, checkTimes } from './claim-rules.js';
import { parseCompactJws, parseHeader } from './compact-jws.js';
import { findSigner } from './find-signer.js';
import { checkHeader, type VerificationHeader } from './header-rules.js';
import { readCaller } from './read-caller.js';
import type { KeySet } from './key-set.js';
import { SharedLists } from './shared-lists.js';
import type { VerificationKey } from './verification-key.js';

const MOST_HEADERS = 100;

/**
 * Authenticates access tokens that are JSON Web Tokens, by the keys of their issuers.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-4 RFC 9068, section 4}
 */
export class JwtAuthenticator implements AccessTokenAuthenticator {
  private readonly lists = new SharedLists();
  /** Those of tokens that passed, as they were sent: all tokens of one key have the same. */
  readonly #headers = new Map<string, VerificationHeader>();
  readonly #issuers: readonly AcceptedIssuer[];
  readonly #byIssuer: ReadonlyMap<string, AcceptedIssuer>;
  readonly #options: ResolvedResourceServerOptions;

  constructor(
    issuers: readonly AcceptedIssuer[],
    options: ResolvedResourceServerOptions,
    private readonly clock: Clock,
  ) {
    this.#issuers = issuers;
    this.#options = options;
    const named = issuers.map((each) =>
      each.options.authorizationServer.acceptedIssuers.map((iss) => [iss, each] as const),
    );
    this.#byIssuer = new Map(named.flat());
  }

  accepts(_token: string, issuer: string | undefined): boolean {
    return issuer !== undefined && this.#byIssuer.has(issuer);
  }

  /** Refuses what can be refused without keys first, so that a bad token causes no request. */
  async authenticate(token: string): Promise<AuthenticatedToken> {
    const jws = parseCompactJws(token);
    const { claims, encodedHeader } = jws;
    const header = this.#headers.get(encodedHeader) ?? checkHeader(parseHeader(encodedHeader), this.#options);
    const issuer = this.issuerOf(claims);
    const { options, keys } = issuer;
    const { expiresAt, acceptedUntil } = checkTimes(claims, this.#options, this.clock.wall());
    checkKind(claims);
    const key = await findSigner(jws, header, issuer);
    this.keepHeader(encodedHeader, header);

    const named = readCaller(claims, options);
    const shared = { ...named, scopes: this.lists.share(named.scopes), audience: this.lists.share(named.audience) };
    const { authorizationServer, audience } = options;
    const subject = claims['sub'] as string | undefined;
    const { issuer: iss } = authorizationServer;
    const caller = new VerifiedCaller(iss, shared, subject, expiresAt * 1000, jws.payload, audience ?? []);
    return new AuthenticatedJwt(caller, acceptedUntil, claims['cnf'], key, keys);
  }

  private keepHeader(encoded: string, header: VerificationHeader): void {
    if (this.#headers.has(encoded)) return;
    if (this.#headers.size >= MOST_HEADERS) this.#headers.clear();
    // A copy: a part of the token's text would keep all of it in memory.
    this.#headers.set(Buffer.from(encoded, 'latin1').toString('latin1'), header);
  }

  /** Resolves if the keys of every issuer are at hand. */
  async ready(): Promise<void> {
    await Promise.all(this.#issuers.map(({ keys }) => keys.ready()));
  }

  private issuerOf({ iss }: Claims): AcceptedIssuer {
    const issuer = typeof iss === 'string' ? this.#byIssuer.get(iss) : undefined;
    if (issuer) return issuer;
    const shown = typeof iss === 'string' ? quoted(iss) : 'not named';
    const known = quotedList(Array.from(this.#byIssuer.keys()));
    throw new InvalidTokenError('issuer', `the token's issuer is ${shown}, and not one of ${known}`);
  }
}

/** A JWT whose signature and claims passed. */
class AuthenticatedJwt implements AuthenticatedToken {
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
