import { VerifiedCaller } from '../../../caller/verified-caller.js';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import { quoted, quotedList } from '../../../events/log-text.js';
import type { ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import type { Clock } from '../../../time/clock.js';
import type { AccessTokenAuthenticator, AuthenticatedToken } from '../access-token-authenticator.js';
import { isAskable } from '../issuers/askable-issuer.js';
import type { Issuers } from '../issuers/issuers.js';
import type { AcceptedIssuer } from './accepted-issuer.js';
import { checkCommonAudience, checkKind, checkTimes } from './claim-rules.js';
import { parseCompactJws, parseHeader } from './compact-jws.js';
import { findSigner } from './find-signer.js';
import { checkHeader, type VerificationHeader } from './header-rules.js';
import { readCaller } from './read-caller.js';
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
  readonly #issuers: Issuers<AcceptedIssuer>;
  readonly #options: ResolvedResourceServerOptions;

  constructor(
    issuers: Issuers<AcceptedIssuer>,
    options: ResolvedResourceServerOptions,
    private readonly clock: Clock,
  ) {
    this.#issuers = issuers;
    this.#options = options;
  }

  accepts(_token: string, issuer: string | undefined): boolean {
    const known = this.#issuers.known(issuer);
    return known ? isVerifiedHere(known) : this.#issuers.mayBeFound(issuer);
  }

  /** Refuses what can be refused without keys first, so that a bad token causes no request. */
  async authenticate(token: string): Promise<AuthenticatedToken> {
    const jws = parseCompactJws(token);
    const { claims, encodedHeader } = jws;
    const header = this.#headers.get(encodedHeader) ?? checkHeader(parseHeader(encodedHeader), this.#options);
    const known = this.#issuers.known(claims['iss']);
    if (!known && !this.#issuers.mayBeFound(claims['iss'])) throw this.notAccepted(claims['iss']);
    const { expiresAt, acceptedUntil } = checkTimes(claims, this.#options, this.clock.wall());
    checkKind(claims);
    checkCommonAudience(claims, this.#options.commonAudience);
    const issuer = known ?? (await this.find(claims['iss'] as string));
    const key = await findSigner(jws, header, issuer);
    // The issuer may have been withdrawn, or found anew, while its keys were fetched.
    if (!issuer.isAccepted()) return this.authenticate(token);
    this.keepHeader(encodedHeader, header);

    const named = readCaller(claims, issuer.options);
    const shared = { ...named, scopes: this.lists.share(named.scopes), audience: this.lists.share(named.audience) };
    const { authorizationServer: server, audience, tenant } = issuer.options;
    const subject = claims['sub'] as string | undefined;
    const { issuer: iss } = server;
    const caller = new VerifiedCaller(iss, shared, subject, expiresAt * 1000, jws.payload, audience ?? [], tenant);
    return new AuthenticatedJwt(caller, acceptedUntil, claims['cnf'], key, issuer);
  }

  private keepHeader(encoded: string, header: VerificationHeader): void {
    if (this.#headers.has(encoded)) return;
    if (this.#headers.size >= MOST_HEADERS) this.#headers.clear();
    // A copy: a part of the token's text would keep all of it in memory.
    this.#headers.set(Buffer.from(encoded, 'latin1').toString('latin1'), header);
  }

  /** Resolves if the keys of every issuer of the options whose JWTs are verified here are at hand. */
  async ready(): Promise<void> {
    await Promise.all(this.#issuers.inOptions.filter(isVerifiedHere).map(({ keys }) => keys.ready()));
  }

  private async find(name: string): Promise<AcceptedIssuer> {
    const found = await this.#issuers.find(name);
    if (found) return found;
    throw this.notAccepted(name);
  }

  private notAccepted(name: unknown): InvalidTokenError {
    const shown = typeof name === 'string' ? quoted(name) : 'not named';
    const { names } = this.#issuers;
    const known = names.length > 0 ? `, and not one of ${quotedList(names)}` : '';
    return new InvalidTokenError('issuer', `the token's issuer is ${shown}${known}${this.whyNotFound(name)}`);
  }

  private whyNotFound(name: unknown): string {
    if (!this.#options.resolver) return '';
    return isAskable(name)
      ? '; trust.resolve does not know it'
      : '; trust.resolve was not asked: it is for HTTPS URLs in normal form';
  }
}

/** Whether the JWTs of an issuer are verified by its keys, and not by introspection. */
function isVerifiedHere({ options }: AcceptedIssuer): boolean {
  return options.introspection?.when !== 'always';
}

/** A JWT whose signature and claims passed. */
class AuthenticatedJwt implements AuthenticatedToken {
  /**
   * @param acceptedUntil milliseconds since the epoch
   * @param confirmation the `cnf` of the token
   * @param key what it was signed with
   * @param issuer whose token it is
   */
  constructor(
    readonly caller: VerifiedCaller,
    readonly acceptedUntil: number,
    readonly confirmation: unknown,
    private readonly key: VerificationKey,
    private readonly issuer: AcceptedIssuer,
  ) {}

  get jti(): string | undefined {
    return this.caller.claims['jti'] as string | undefined;
  }

  get issuedAt(): number | undefined {
    return this.caller.claims['iat'] as number | undefined;
  }

  /** Whether the issuer is still accepted, and the key still published, as far as that is known now. */
  isStillValid(): boolean {
    // The keys come last: they may be fetched anew, and those of an issuer that is gone are not.
    return !this.key.withdrawn && this.issuer.isAccepted() && this.issuer.keys.isUsable();
  }
}
