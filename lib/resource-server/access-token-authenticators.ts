import type { ResolvedResourceServerOptions } from '../options/resolved-options.js';
import type { AccessTokenAuthenticator, AuthenticatedToken } from './authentication/access-token-authenticator.js';
import { IntrospectionAuthenticator } from './authentication/introspection/introspection-authenticator.js';
import type { IntrospectionEnvironment } from './authentication/introspection/introspection-endpoint.js';
import type { Issuers } from './authentication/issuers/issuers.js';
import type { AcceptedIssuer } from './authentication/jwt/accepted-issuer.js';
import { issuerNamedBy } from './authentication/jwt/compact-jws.js';
import { isJwt } from './authentication/jwt/is-jwt.js';
import { JwtAuthenticator } from './authentication/jwt/jwt-authenticator.js';
import { notConfigured } from './not-configured.js';

/** Finds the authenticator of a token. The first one refuses the tokens that none accepts. */
export class AccessTokenAuthenticators {
  readonly #all: readonly AccessTokenAuthenticator[];

  constructor(all: readonly AccessTokenAuthenticator[]) {
    this.#all = all;
  }

  /** @throws as {@link AccessTokenAuthenticator.authenticate}; also M2MConfigurationError if there is none */
  authenticate(token: string): Promise<AuthenticatedToken> {
    const [first, ...others] = this.#all;
    if (!first) return notConfigured();
    if (others.length === 0) return first.authenticate(token);
    const issuer = issuerNamedBy(token);
    const authenticator = this.#all.find((each) => each.accepts(token, issuer)) ?? first;
    return authenticator.authenticate(token);
  }

  /** Whether a token is no JWT, and is accepted nevertheless. */
  takesOpaque(token: string): boolean {
    return this.#all.length > 1 && !isJwt(token) && this.#all.some((each) => each.accepts(token, undefined));
  }

  /** Resolves if tokens can be authenticated. @throws KeysUnavailableError */
  async ready(): Promise<void> {
    await Promise.all(this.#all.map((each) => each.ready()));
  }
}

/** The authenticators of JWTs and, if any issuer is asked about its tokens, of those. */
export function builtInAuthenticators(
  resourceServer: ResolvedResourceServerOptions | undefined,
  issuers: Issuers<AcceptedIssuer> | undefined,
  environment: IntrospectionEnvironment,
): readonly AccessTokenAuthenticator[] {
  if (!resourceServer || !issuers) return [];
  const byJwt = new JwtAuthenticator(issuers, resourceServer, environment.clock);
  const isIntrospecting = resourceServer.issuers.some(({ introspection }) => introspection !== undefined);
  return isIntrospecting ? [byJwt, new IntrospectionAuthenticator(resourceServer, environment)] : [byJwt];
}
