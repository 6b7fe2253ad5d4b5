import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { Strategy, type StrategyOptionsWithRequest } from 'passport-jwt';
import { EndpointResolver } from '../authorization-servers/endpoint-resolver.js';
import type { Clock } from '../time/clock.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import { isM2MError } from '../errors/m2m.error.js';
import { AuthorizationServerHttp } from '../http/authorization-server-http.js';
import { M2M_CLOCK, M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { ResourceServerEvents } from './events/m2m-resource-server-event.js';
import { readBearerToken } from './transports/bearer-credentials.js';
import type { M2MHttpRequest } from './transports/m2m-request.js';
import type { M2MCaller } from '../caller/m2m-caller.js';
import { notConfigured } from './not-configured.js';
import { acceptIssuers } from './authentication/jwt/accepted-issuer.js';
import { JwtAuthenticator, type OpenedToken, type VerifiedToken } from './authentication/jwt/jwt-authenticator.js';
import { verifyEdDsa } from './authentication/jwt/verify-eddsa.js';

const NAME = 'm2m';

/** Those that jsonwebtoken verifies. Which of them are accepted, and with which key, is decided before. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
] satisfies StrategyOptionsWithRequest['algorithms'];

/** A strategy as passport sees it. Written out, because users of this package need not have the types of passport-jwt. */
interface PassportJwtStrategy {
  authenticate(request: object): void;
  success(caller: M2MCaller, verified: VerifiedToken): void;
  fail(reason: unknown, status: number): void;
  error(reason: unknown): void;
}

const PassportJwtStrategy = PassportStrategy(Strategy, NAME) as new (options: object) => PassportJwtStrategy;

/**
 * The passport-jwt strategy that verifies access tokens; registered with passport as `m2m`.
 *
 * It authenticates only: scopes and the other conditions of a route are M2MGuard's. Where several applications run in
 * one process, the name belongs to the last one that started; M2MGuard and M2MTokenVerifier never look it up.
 *
 * A callback of your own in `passport.authenticate('m2m', callback)` must not throw: nobody could catch it, and the process
 * would end.
 */
@Injectable()
export class M2MStrategy extends PassportJwtStrategy implements OnModuleDestroy {
  /** What happens at this application's inbound half. @internal */
  readonly events = new ResourceServerEvents();
  private readonly verification: JwtAuthenticator | undefined;

  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) { resourceServer }: ResolvedOptions,
    @Inject(AuthorizationServerHttp) http: AuthorizationServerHttp,
    @Inject(EndpointResolver) endpoints: EndpointResolver,
    @Inject(M2M_CLOCK) clock: Clock,
  ) {
    super({
      // What passport-jwt calls the request is an OpenedToken: see authenticate().
      jwtFromRequest: ({ token }: OpenedToken) => token,
      secretOrKeyProvider: ({ key }: OpenedToken, _token: string, done: (error: null, key: never) => void) =>
        done(null, key.publicKey as never),
      passReqToCallback: true,
      algorithms,
      // Times are judged by our own rules and clock.
      ignoreExpiration: true,
      jsonWebTokenOptions: { ignoreNotBefore: true },
    } satisfies StrategyOptionsWithRequest);
    if (!resourceServer) return;
    const issuers = acceptIssuers(resourceServer, { http, endpoints, clock, events: this.events });
    this.verification = new JwtAuthenticator(issuers, resourceServer, clock);
  }

  /** Passport's entry: `this` is an object made for this one request, whose `success`, `fail` or `error` is called. */
  override authenticate(request: M2MHttpRequest): void {
    try {
      void this.authenticateToken(readBearerToken(request));
    } catch (error) {
      this.fail(error, 401);
    }
  }

  /** The same for a token that came without a request. @internal */
  async authenticateToken(token: string): Promise<void> {
    try {
      const opened = await this.configured().open(token);
      if (opened.alg === 'EdDSA') await this.authenticateEdDsa(opened);
      else super.authenticate(opened);
    } catch (error) {
      if (error instanceof InvalidTokenError) this.fail(error, 401);
      else this.error(error);
    }
  }

  /** Passport-jwt's entry, once the signature is verified. The second value reaches `success` or `fail`. @internal */
  validate(opened: OpenedToken): [M2MCaller, VerifiedToken] | [false, Error] {
    try {
      const verified = this.configured().accept(opened);
      return [verified.caller, verified];
    } catch (error) {
      // What is thrown here would be an error of the server's to passport, and a status of 500 to the caller.
      if (isM2MError(error)) return [false, error];
      throw error;
    }
  }

  /** @throws M2MConfigurationError where this application has no inbound half @internal */
  configured(): JwtAuthenticator {
    return this.verification ?? notConfigured();
  }

  onModuleDestroy(): void {
    this.events.complete();
    // Another application's strategy may stand there by now.
    if (registry._strategy(NAME) === this) passport.unuse(NAME);
  }

  private async authenticateEdDsa(opened: OpenedToken): Promise<void> {
    await verifyEdDsa(opened.token, opened.key.publicKey);
    const [caller, outcome] = this.validate(opened);
    if (caller) this.success(caller, outcome);
    else this.fail(outcome, 401);
  }
}

/** Passport's own way to look a strategy up, which its types leave out. */
const registry = passport as unknown as { _strategy(name: string): unknown };
