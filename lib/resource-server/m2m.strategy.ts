import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { Strategy, type StrategyOptionsWithoutRequest } from 'passport-jwt';
import type { M2MCaller } from '../caller/m2m-caller.js';
import { M2MTokenVerifier } from './m2m-token-verifier.js';
import { httpExceptionOf } from './transports/http-exception.js';
import { isHttpResponse } from './transports/m2m-http-response.js';
import type { M2MHttpRequest } from './transports/m2m-request.js';
import type { Refusal } from './transports/refusal.js';
import { setRefusalHeaders } from './transports/refusal-headers.js';

const NAME = 'm2m';

/** passport-jwt insists on them. The verifier does what they are for. */
const UNUSED_OPTIONS: StrategyOptionsWithoutRequest = {
  jwtFromRequest: () => null,
  secretOrKeyProvider: (_request, _token, done) => done(new Error('M2MTokenVerifier has the keys')),
};

/** A strategy as passport sees it. Written out, because users of this package need not have the types of passport-jwt. */
interface PassportJwtStrategy {
  authenticate(request: object): void;
  success(caller: M2MCaller): void;
  fail(reason: unknown, status: number): void;
  error(reason: unknown): void;
}

const PassportJwtStrategy = PassportStrategy(Strategy, NAME) as new (options: object) => PassportJwtStrategy;

/**
 * The passport-jwt strategy that verifies access tokens; registered with passport as `m2m`.
 *
 * It authenticates only: scopes and the other conditions of a route are M2MGuard's. If several applications run in one
 * process, the name belongs to the last one that started; M2MGuard and M2MTokenVerifier never look it up.
 *
 * A callback of your own in `passport.authenticate('m2m', callback)` must not throw: nobody could catch it, and the process
 * would end.
 */
@Injectable()
export class M2MStrategy extends PassportJwtStrategy implements OnModuleDestroy {
  constructor(@Inject(M2MTokenVerifier) private readonly verifier: M2MTokenVerifier) {
    super(UNUSED_OPTIONS);
  }

  /** Passport's entry: `this` is an object made for this one request, whose `success`, `fail` or `error` is called. */
  override authenticate(request: M2MHttpRequest): void {
    void this.verifier.verifyRequest(request).then(
      (caller) => this.success(caller),
      (error: unknown) => this.refuse(error, request),
    );
  }

  /** Unregisters the strategy, unless another application's has taken its name. */
  onModuleDestroy(): void {
    if (registry._strategy(NAME) === this) passport.unuse(NAME);
  }

  /** Passport knows the request alone. Express's leads to its response, Fastify's does not. */
  private refuse(error: unknown, { res: response }: M2MHttpRequest & { readonly res?: unknown }): void {
    let refusal: Refusal | undefined;
    try {
      refusal = this.verifier.refusalOf(error);
    } catch (notConfigured) {
      // Nobody else could catch it, and the process would end.
      return this.error(notConfigured);
    }
    if (refusal && isHttpResponse(response)) setRefusalHeaders(response, refusal);
    if (!refusal) this.error(error);
    else if (refusal.status === 503) this.error(httpExceptionOf(refusal));
    else this.fail(error, refusal.status);
  }
}

/** Passport's own way to look a strategy up, which its types leave out. */
const registry = passport as unknown as { _strategy(name: string): unknown };
