import {
  Inject,
  Injectable,
  Optional,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';
import { EndpointResolver } from '../authorization-servers/endpoint-resolver.js';
import type { M2MCaller } from '../caller/m2m-caller.js';
import { isolateSubscribers } from '../events/isolate-subscribers.js';
import { identifiedLogger } from '../events/identified-logger.js';
import { LimitedLog } from '../events/limited-log.js';
import { LOG_IDS } from '../events/log-ids.js';
import { subscriberFailed } from '../events/log-text.js';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import { isM2MError } from '../errors/m2m.error.js';
import { hasCode } from '../errors/has-code.js';
import { AuthorizationServerHttp } from '../http/authorization-server-http.js';
import { FoundServerHttp } from '../http/found-server-http.js';
import { M2M_ACCESS_TOKEN_AUTHENTICATORS, M2M_CLOCK, M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedIssuer, ResolvedOptions } from '../options/resolved-options.js';
import type { Clock } from '../time/clock.js';
import { isObject } from '../validation/checks.js';
import type { AccessTokenAuthenticator, AuthenticatedToken } from './authentication/access-token-authenticator.js';
import { AccessTokenAuthenticators, builtInAuthenticators } from './access-token-authenticators.js';
import { admit, type Presentation } from './authentication/admit.js';
import type { Issuers } from './authentication/issuers/issuers.js';
import { acceptIssuers } from './authentication/jwt/accept-issuers.js';
import type { AcceptedIssuer } from './authentication/jwt/accepted-issuer.js';
import { areOver } from './authentication/jwt/claim-rules.js';
import { LONGEST_TOKEN } from './authentication/jwt/compact-jws.js';
import { digestOf, VerifiedTokenCache } from './authentication/verified-token-cache.js';
import type { M2MResourceServerEvent } from './events/m2m-resource-server-event.js';
import { RefusalLog } from './events/refusal-log.js';
import { ResourceServerCounts, type M2MResourceServerStats } from './events/stats.js';
import { notConfigured } from './not-configured.js';
import { readBearerToken } from './transports/bearer-credentials.js';
import { isSent, type M2MHttpResponse } from './transports/m2m-http-response.js';
import type { M2MHttpRequest } from './transports/m2m-request.js';
import { OpenConnections } from './transports/open-connections.js';
import { refusalOf, type Refusal } from './transports/refusal.js';
import { writeRefusal } from './transports/write-refusal.js';

/** Key sets that `refreshKeys` fetches at once. */
const MOST_FETCHES = 8;

/** Verifies access tokens, for code that no guard covers. */
@Injectable()
export class M2MTokenVerifier implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  /** What happens at the inbound half, with the reason that a caller never sees. Completes when the application closes. */
  readonly events$: Observable<M2MResourceServerEvent>;
  /** The log of every guard, so that they limit repeated lines together. @internal */
  readonly refusals: RefusalLog;
  /** The connections that guards have let in, which end with their tokens. @internal */
  readonly connections: OpenConnections;
  readonly #events = new Subject<M2MResourceServerEvent>();
  /** Errors that `verify` has published already, so that `refuse` does not publish them again. */
  readonly #reported = new WeakSet<object>();
  /** They lead to options. */
  readonly #authenticators: AccessTokenAuthenticators;
  readonly #options: ResolvedOptions;
  readonly #issuers: Issuers<AcceptedIssuer> | undefined;
  private readonly cache: VerifiedTokenCache | undefined;
  private readonly counts: ResourceServerCounts;
  /** The log of requests that `refuse` answers, and of key sets and issuers. */
  private readonly ownRefusals: RefusalLog;

  /** @internal @param authenticators the first one refuses the tokens that none accepts; default: one for JWTs */
  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions,
    @Inject(AuthorizationServerHttp) http: AuthorizationServerHttp,
    @Inject(EndpointResolver) endpoints: EndpointResolver,
    @Inject(M2M_CLOCK) private readonly clock: Clock,
    @Optional() @Inject(M2M_ACCESS_TOKEN_AUTHENTICATORS) authenticators?: readonly AccessTokenAuthenticator[],
    @Optional() @Inject(FoundServerHttp) foundServers?: FoundServerHttp,
  ) {
    this.#options = options;
    const { resourceServer } = options;
    const environment = { http, endpoints, clock, events: this.#events };
    this.#issuers = resourceServer && acceptIssuers(resourceServer, environment, foundServers);
    this.#authenticators = new AccessTokenAuthenticators(
      authenticators ?? builtInAuthenticators(resourceServer, this.#issuers, environment),
    );
    this.cache = resourceServer?.cache ? new VerifiedTokenCache(resourceServer.cache, clock) : undefined;
    const logger = identifiedLogger('M2MTokenVerifier');
    const isOver = ({ claims }: M2MCaller) => !resourceServer || areOver(claims, resourceServer, clock.wall());
    this.connections = new OpenConnections((token) => this.verify(token), isOver, clock);
    this.refusals = new RefusalLog(new LimitedLog(identifiedLogger('M2MGuard'), clock));
    this.ownRefusals = new RefusalLog(new LimitedLog(logger, clock));
    this.counts = new ResourceServerCounts(
      resourceServer?.issuers.map((each) => each.authorizationServer.issuer) ?? [],
    );
    this.events$ = isolateSubscribers(this.#events, (thrown) =>
      logger.error(LOG_IDS.VERIFIER_SUBSCRIBER_FAILS, subscriberFailed(thrown)),
    );
    this.events$.subscribe((event) => {
      this.counts.count(event, clock.wall());
      if (event.type === 'key-set-failed') this.ownRefusals.keySetFailed(event);
      if (event.type === 'issuer-lookup-failed') this.ownRefusals.lookupFailed(event);
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
      if (remembered) return this.admitFromCache(remembered);
      const begin = this.clock.monotonic();
      const authenticated = await this.#authenticators.authenticate(accessToken);
      const caller = admit(authenticated, this.asBearer());
      if (digest !== undefined) this.cache?.set(digest, authenticated);
      this.counts.acceptedAfterVerification += 1;
      this.#events.next({ type: 'token-verified', caller, duration: this.clock.monotonic() - begin });
      return caller;
    } catch (error) {
      this.report(error);
      throw error;
    }
  }

  /**
   * Who is calling, by the `Authorization` header of a request: what M2MGuard does before it looks at conditions. It is for
   * middleware, hooks of Fastify and servers without Nest.
   *
   * A form is searched for a second token only if its body is parsed already.
   *
   * @param request of Express, of Fastify or of Node itself
   * @throws as {@link verify}; also InvalidTokenError if the request has no Bearer token, or more than one, and
   * M2MConfigurationError for something without headers
   * @example
   * const caller = await verifier.verifyRequest(request);
   * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 RFC 6750, section 2.1}
   */
  async verifyRequest(request: M2MHttpRequest): Promise<M2MCaller> {
    if (!isObject((request as M2MHttpRequest | undefined)?.headers)) return notARequest();
    let accessToken: string;
    try {
      accessToken = readBearerToken(request);
    } catch (error) {
      this.report(error);
      throw error;
    }
    return await this.verify(accessToken);
  }

  /**
   * Answers a request that was refused, as M2MGuard does: status, `WWW-Authenticate`, `Retry-After` and a body of JSON. A
   * response that is on its way already is left alone.
   *
   * Throw an `InsufficientScopeError` or a `CallerNotAllowedError` of your own to refuse a caller for other reasons.
   *
   * @param error what `verifyRequest` or `verify` threw, or an error of yours of the same classes
   * @param response of Express, of Fastify (its reply) or of Node itself
   * @throws the error itself if it is not for the caller to know
   * @example
   * try { ... } catch (error) { verifier.refuse(error, response); }
   * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 RFC 6750, section 3}
   */
  refuse(error: unknown, response: M2MHttpResponse): void {
    const refusal = this.refusalOf(error);
    if (!refusal) throw error;
    if (!this.#reported.has(refusal.cause)) this.report(error);
    if (isSent(response)) return;
    this.ownRefusals.refused('M2MTokenVerifier.refuse', refusal);
    writeRefusal(response, refusal);
  }

  /** The answer to an error; `undefined` if the error is not the caller's to know. @internal */
  refusalOf(error: unknown): Refusal | undefined {
    return refusalOf(error, this.#options.resourceServer ?? notConfigured(), '');
  }

  /** The caller of a token that was verified before and would pass now; without waiting. @internal */
  remembered(accessToken: string): M2MCaller | undefined {
    const authenticated = this.recall(this.digestOf(accessToken));
    return authenticated && this.admitFromCache(authenticated);
  }

  /** An issuer whose tokens are accepted; a promise if that is not known yet. @internal */
  issuerOf(name: unknown): ResolvedIssuer | undefined | Promise<ResolvedIssuer | undefined> {
    const known = this.#issuers?.known(name);
    if (known || !this.#issuers?.mayBeFound(name)) return known?.options;
    return this.#issuers.find(name).then((found) => found?.options);
  }

  /** Whether an authorization server is asked about a token that is no JWT. @internal */
  isIntrospected(accessToken: string): boolean {
    return this.#authenticators.takesOpaque(accessToken);
  }

  /**
   * Forgets an issuer that `trust.resolve` found, by any of its names: its keys, and the tokens that were verified with
   * them. The function is asked again for its next token. An issuer of the options stays.
   */
  forgetIssuer(issuer: string): void {
    this.#issuers?.forget(issuer);
  }

  /**
   * Fetches key sets now, also those that are new: after keys were rotated, or one was compromised.
   *
   * @param issuer one of its names; default: every issuer that is accepted now
   * @throws KeysUnavailableError if a key set cannot be had; the keys at hand stay
   */
  async refreshKeys(issuer?: string): Promise<void> {
    const issuers = this.#issuers ?? notConfigured('key sets are to be fetched');
    const isMeant = ({ options }: AcceptedIssuer) =>
      issuer === undefined || options.authorizationServer.acceptedIssuers.includes(issuer);
    const keySets = issuers
      .all()
      .filter(isMeant)
      .map(({ keys }) => keys);
    const failures: unknown[] = [];
    const refresh = async (): Promise<void> => {
      for (let next = keySets.pop(); next; next = keySets.pop()) {
        await next.refresh().catch((error: unknown) => failures.push(error));
      }
    };
    await Promise.all(Array.from({ length: MOST_FETCHES }, refresh));
    if (failures.length > 0) throw failures[0];
  }

  /** Publishes a refusal in `events$`. @internal */
  report(error: unknown, caller?: M2MCaller): void {
    if (isM2MError(error)) this.#reported.add(error);
    if (hasCode(error, 'ERR_M2M_INVALID_TOKEN')) this.#events.next({ type: 'token-refused', error });
    else if (hasCode(error, 'ERR_M2M_CALLER_NOT_ALLOWED') || hasCode(error, 'ERR_M2M_INSUFFICIENT_SCOPE')) {
      this.#events.next({ type: 'caller-refused', error, caller });
    } else if (hasCode(error, 'ERR_M2M_KEYS_UNAVAILABLE')) this.#events.next({ type: 'keys-unavailable', error });
  }

  /** Totals since the start, and the state of the cache and of the key sets now. A frozen copy. */
  stats(): M2MResourceServerStats {
    return this.counts.snapshot(this.cache?.size ?? 0);
  }

  /** Gets the authenticators ready, if `warmup` says so. @throws KeysUnavailableError if it says `required` */
  async onApplicationBootstrap(): Promise<void> {
    const { resourceServer } = this.#options;
    if (!resourceServer || resourceServer.warmup === 'off') return;
    const readiness = this.#authenticators.ready();
    if (resourceServer.warmup === 'required') await readiness;
    // The event of the fetch that failed is in the log already.
    else readiness.catch(() => undefined);
  }

  /** Completes `events$`, and watches connections no longer. */
  onModuleDestroy(): void {
    this.connections.close();
    this.#events.complete();
  }

  /** Writes the counts of repeated log lines. */
  onApplicationShutdown(): void {
    this.refusals.close();
    this.ownRefusals.close();
  }

  private admitFromCache(authenticated: AuthenticatedToken): M2MCaller {
    const caller = admit(authenticated, this.asBearer());
    this.counts.acceptedFromCache += 1;
    return caller;
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

function notARequest(): never {
  throw new M2MConfigurationError({
    option: 'M2MTokenVerifier.verifyRequest',
    problem: 'was given something without headers, as a spread copy of a request is',
    remedy: 'verifyRequest(request)',
  });
}
