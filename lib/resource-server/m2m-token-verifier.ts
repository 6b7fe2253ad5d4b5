import {
  Inject,
  Injectable,
  Logger,
  Optional,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';
import { EndpointResolver } from '../authorization-servers/endpoint-resolver.js';
import type { M2MCaller } from '../caller/m2m-caller.js';
import { CallerNotAllowedError } from '../errors/caller-not-allowed.error.js';
import { isolateSubscribers } from '../events/isolate-subscribers.js';
import { subscriberFailed } from '../events/log-text.js';
import { InsufficientScopeError } from '../errors/insufficient-scope.error.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import { KeysUnavailableError } from '../errors/keys-unavailable.error.js';
import { inOneLine } from '../errors/printable.js';
import { AuthorizationServerHttp } from '../http/authorization-server-http.js';
import { M2M_ACCESS_TOKEN_AUTHENTICATORS, M2M_CLOCK, M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedOptions, ResolvedResourceServerOptions } from '../options/resolved-options.js';
import type { Clock } from '../time/clock.js';
import type { AccessTokenAuthenticator, AuthenticatedToken } from './authentication/access-token-authenticator.js';
import { admit, type Presentation } from './authentication/admit.js';
import { acceptIssuers } from './authentication/jwt/accepted-issuer.js';
import { issuerNamedBy, LONGEST_TOKEN } from './authentication/jwt/compact-jws.js';
import { JwtAuthenticator } from './authentication/jwt/jwt-authenticator.js';
import { digestOf, VerifiedTokenCache } from './authentication/verified-token-cache.js';
import type { M2MResourceServerEvent } from './events/m2m-resource-server-event.js';
import { notConfigured } from './not-configured.js';

/** Verifies access tokens, for code that no guard covers. */
@Injectable()
export class M2MTokenVerifier implements OnApplicationBootstrap, OnModuleDestroy {
  /** What happens at the inbound half, with the reason that a caller never sees. Completes when the application closes. */
  readonly events$: Observable<M2MResourceServerEvent>;
  readonly #events = new Subject<M2MResourceServerEvent>();
  /** They lead to options. */
  readonly #authenticators: readonly AccessTokenAuthenticator[];
  readonly #options: ResolvedOptions;
  private readonly cache: VerifiedTokenCache | undefined;
  private readonly logger = new Logger(M2MTokenVerifier.name);

  /** @internal @param authenticators the first one refuses the tokens that none accepts; default: one for JWTs */
  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions,
    @Inject(AuthorizationServerHttp) http: AuthorizationServerHttp,
    @Inject(EndpointResolver) endpoints: EndpointResolver,
    @Inject(M2M_CLOCK) private readonly clock: Clock,
    @Optional() @Inject(M2M_ACCESS_TOKEN_AUTHENTICATORS) authenticators?: readonly AccessTokenAuthenticator[],
  ) {
    this.#options = options;
    const { resourceServer } = options;
    const environment = { http, endpoints, clock, events: this.#events };
    const byJwt = (rules: ResolvedResourceServerOptions): AccessTokenAuthenticator =>
      new JwtAuthenticator(acceptIssuers(rules, environment), rules, clock);
    this.#authenticators = authenticators ?? (resourceServer ? [byJwt(resourceServer)] : []);
    this.cache = resourceServer?.cache ? new VerifiedTokenCache(resourceServer.cache, clock) : undefined;
    this.events$ = isolateSubscribers(this.#events, (thrown) => this.logger.error(subscriberFailed(thrown)));
    this.events$.subscribe((event) => {
      if (event.type === 'key-set-failed')
        this.logger.warn(inOneLine(`the key set of ${event.issuer}: ${event.error.message}`));
    });
  }

  /**
   * Who is calling, by an access token without the word `Bearer`.
   *
   * @throws InvalidTokenError if the token is not one that this resource server accepts
   * @throws CallerNotAllowedError if its client, organization or kind of caller is not allowed
   * @throws KeysUnavailableError if that cannot be known now
   * @throws M2MConfigurationError if this application has no `resourceServer`
   * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-4 RFC 9068, section 4}
   */
  async verify(accessToken: string): Promise<M2MCaller> {
    try {
      if (typeof accessToken !== 'string') throw new InvalidTokenError('malformed', 'the token is not a string');
      const digest = this.digestOf(accessToken);
      const remembered = this.recall(digest);
      if (remembered) return admit(remembered, this.asBearer());
      const authenticated = await this.authenticate(accessToken);
      const caller = admit(authenticated, this.asBearer());
      if (digest !== undefined) this.cache?.set(digest, authenticated);
      return caller;
    } catch (error) {
      this.report(error);
      throw error;
    }
  }

  /** The caller of a token that was verified before and would pass now; without waiting. @internal */
  remembered(accessToken: string): M2MCaller | undefined {
    const authenticated = this.recall(this.digestOf(accessToken));
    return authenticated && admit(authenticated, this.asBearer());
  }

  /** Publishes a refusal in `events$`. @internal */
  report(error: unknown, caller?: M2MCaller): void {
    if (error instanceof InvalidTokenError) this.#events.next({ type: 'token-refused', error });
    else if (error instanceof CallerNotAllowedError || error instanceof InsufficientScopeError) {
      this.#events.next({ type: 'caller-refused', error, caller });
    } else if (error instanceof KeysUnavailableError) this.#events.next({ type: 'keys-unavailable', error });
  }

  /** Gets the authenticators ready, if `warmup` says so. @throws KeysUnavailableError if it says `required` */
  async onApplicationBootstrap(): Promise<void> {
    const { resourceServer } = this.#options;
    if (!resourceServer || resourceServer.warmup === 'off') return;
    const readiness = Promise.all(this.#authenticators.map((each) => each.ready()));
    if (resourceServer.warmup === 'required') await readiness;
    // The event of the fetch that failed is in the log already.
    else readiness.catch(() => undefined);
  }

  /** Completes `events$`. */
  onModuleDestroy(): void {
    this.#events.complete();
  }

  private authenticate(token: string): Promise<AuthenticatedToken> {
    const [first, ...others] = this.#authenticators;
    if (!first) return notConfigured();
    if (others.length === 0) return first.authenticate(token);
    const issuer = issuerNamedBy(token);
    const authenticator = this.#authenticators.find((each) => each.accepts(token, issuer)) ?? first;
    return authenticator.authenticate(token);
  }

  private recall(digest: string | undefined): AuthenticatedToken | undefined {
    return digest === undefined ? undefined : this.cache?.get(digest);
  }

  /** `undefined` if nothing is remembered, and for what is too long to be a token: it would take long to hash, too. */
  private digestOf(token: unknown): string | undefined {
    return this.cache && typeof token === 'string' && token.length <= LONGEST_TOKEN ? digestOf(token) : undefined;
  }

  private asBearer(): Presentation {
    const time = this.clock.wall();
    return { scheme: 'Bearer', proofThumbprint: undefined, certificateThumbprint: undefined, time };
  }
}
