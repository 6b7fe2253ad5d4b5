import type { Claims } from '../../../authorization-servers/authorization-server.js';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import type { ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import type { AccessTokenAuthenticator, AuthenticatedToken } from '../access-token-authenticator.js';
import { byName } from '../issuers/issuers.js';
import { checkCommonAudience, checkKind, checkTimes } from '../jwt/claim-rules.js';
import { LONGEST_TOKEN, parseCompactJws, parseHeader } from '../jwt/compact-jws.js';
import { checkHeader } from '../jwt/header-rules.js';
import { isJwt } from '../jwt/is-jwt.js';
import type { IntrospectionEnvironment } from './introspection-endpoint.js';
import { Introspector } from './introspector.js';

/** The `b64token` of RFC 6750, section 2.1. */
const TOKEN = /^[\w.~+/-]+=*$/;

interface IntrospectedIssuer {
  readonly tokenPrefix: string | undefined;
  readonly introspector: Introspector;
}

/**
 * Authenticates access tokens by the word of the authorization server that issued them.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662 RFC 7662}
 */
export class IntrospectionAuthenticator implements AccessTokenAuthenticator {
  /** The issuers of opaque tokens; one without a prefix comes last. */
  private readonly ofOpaque: readonly IntrospectedIssuer[];
  /** The issuers whose JWTs are introspected, by each of their names. */
  private readonly ofJwts: ReadonlyMap<unknown, IntrospectedIssuer>;

  readonly #rules: ResolvedResourceServerOptions;
  readonly #environment: IntrospectionEnvironment;

  constructor(rules: ResolvedResourceServerOptions, environment: IntrospectionEnvironment) {
    this.#rules = rules;
    this.#environment = environment;
    const issuers = rules.issuers.flatMap((options) => {
      const { introspection } = options;
      if (!introspection) return [];
      const introspector = new Introspector(options, introspection, rules, environment);
      return [{ options, tokenPrefix: introspection.tokenPrefix, introspector }];
    });
    const prefixed = issuers.filter(({ tokenPrefix }) => tokenPrefix !== undefined);
    this.ofOpaque = [...prefixed, ...issuers.filter((each) => !prefixed.includes(each))];
    const always = issuers.filter(({ options }) => options.introspection?.when === 'always');
    this.ofJwts = byName(always);
  }

  /** A JWT is introspected if it names an issuer whose JWTs are. One that names none is left to the rules of JWTs. */
  accepts(token: string, issuer: string | undefined): boolean {
    return issuer === undefined ? !isJwt(token) && this.ofOpaqueToken(token) !== undefined : this.ofJwts.has(issuer);
  }

  async authenticate(token: string): Promise<AuthenticatedToken> {
    if (token.length > LONGEST_TOKEN) {
      throw new InvalidTokenError('too-large', `the token has ${token.length} characters`);
    }
    if (!TOKEN.test(token)) throw new InvalidTokenError('malformed', 'the token has characters that none can have');
    const jwt = isJwt(token) ? this.checkedJwt(token) : undefined;
    const issuer = jwt ? this.ofJwts.get(jwt['iss']) : this.ofOpaqueToken(token);
    if (!issuer) throw new InvalidTokenError('malformed', 'the token begins as none of an introspected issuer does');
    return issuer.introspector.authenticate(token, jwt);
  }

  /** Resolves if every introspection endpoint is known. */
  async ready(): Promise<void> {
    await Promise.all(this.ofOpaque.map(({ introspector }) => introspector.ready()));
  }

  private ofOpaqueToken(token: string): IntrospectedIssuer | undefined {
    return this.ofOpaque.find(({ tokenPrefix = '' }) => token.startsWith(tokenPrefix));
  }

  /**
   * Refuses a JWT by what it says of itself before anybody is asked about it. Its `aud` may be missing, because some
   * servers (Keycloak) tell the rest only by introspection.
   */
  private checkedJwt(token: string): Claims {
    const { claims, encodedHeader } = parseCompactJws(token);
    checkHeader(parseHeader(encodedHeader), this.#rules);
    checkTimes(claims, this.#rules, this.#environment.clock.wall());
    checkKind(claims);
    if (claims['aud'] !== undefined) checkCommonAudience(claims, this.#rules.commonAudience);
    return claims;
  }
}
