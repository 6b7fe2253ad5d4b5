import { Inject, Injectable, Optional, UnauthorizedException, type ExecutionContext, type Type } from '@nestjs/common';
import { AuthGuard, AuthModuleOptions, type IAuthGuard } from '@nestjs/passport';
import type { Claims } from '../authorization-servers/authorization-server.js';
import { getOrInsert } from '../collections/get-or-insert.js';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import { hasCode } from '../errors/has-code.js';
import { M2M_CLOCK } from '../options/injection-tokens.js';
import type { ResolvedIssuer } from '../options/resolved-options.js';
import { callBack } from '../time/callback.js';
import type { Clock } from '../time/clock.js';
import { parseCompactJws } from './authentication/jwt/compact-jws.js';
import { findJwts, kindOfJwt, type FoundJwt } from './authentication/jwt/find-jwts.js';
import { tokenOf } from './transports/bearer-credentials.js';
import type { InboundTransport } from './transports/inbound-transport.js';
import { handlerName } from './authorization/request-callers.js';
import {
  AUTHENTICATE,
  CONDITIONS,
  IS_INTROSPECTED,
  ISSUER_OF,
  LET_IN,
  REFUSE,
  type Activation,
  type BearerTokenGuard,
} from './bearer-token.guard.js';

/** How a guard that lets users in knows them. */
export interface M2MUserOptions {
  /**
   * Whether a token of an accepted issuer is a user's. It is asked if the token does not tell, with claims that nobody has
   * verified yet. It may take 2 s; only `true` counts.
   *
   * @default a token that does not tell follows the rules of machines
   * @throws anything: the answer is then 503
   * @example ({ client_id }) => client_id === 'spa'
   */
  isUser?(claims: Claims): boolean | Promise<boolean>;
}

/** The member in which a guard that lets users in says so: the name of their strategy, and whether it has `isUser`. */
export const USERS = Symbol('nestjs-m2m:users');

/** Milliseconds that `isUser` may take. */
const TIMEOUT = 2000;

type IsUser = M2MUserOptions['isUser'];

/** By base class, strategy and `isUser`: the same arguments make the same class, so that a test can override it. */
const guards = new WeakMap<object, Map<string, Map<IsUser, Type<BearerTokenGuard>>>>();

/**
 * A guard that holds machines to the rules of `Base`, and leaves users to a passport strategy. The same arguments give the
 * same class.
 *
 * @throws M2MConfigurationError without the name of a strategy, with an `isUser` that is no function, or with another option
 */
export function machineOrUserGuard(
  Base: Type<BearerTokenGuard>,
  strategy: string,
  options: M2MUserOptions = {},
): Type<BearerTokenGuard> {
  const { isUser } = options;
  checkArguments(strategy, options);
  const ofBase = getOrInsert(guards, Base, () => new Map<string, Map<IsUser, Type<BearerTokenGuard>>>());
  const ofStrategy = getOrInsert(ofBase, strategy, () => new Map<IsUser, Type<BearerTokenGuard>>());
  return getOrInsert(ofStrategy, isUser, () => makeGuard(Base, strategy, isUser));
}

function makeGuard(Base: Type<BearerTokenGuard>, strategy: string, isUser: IsUser): Type<BearerTokenGuard> {
  const UserGuard = userGuard(strategy);

  @Injectable()
  class MachineOrUserGuard extends Base {
    get [USERS](): UsersOfGuard {
      return { strategy, hasIsUser: isUser !== undefined };
    }

    @Optional() @Inject(AuthModuleOptions) private readonly passportOptions?: AuthModuleOptions;
    @Inject(M2M_CLOCK) private readonly userClock!: Clock;

    override [AUTHENTICATE](context: ExecutionContext, transport: InboundTransport): Activation {
      // The audit stops the start for it. Whether a request without a token is a user's is the strategy's to say.
      if (this[CONDITIONS](context).isTokenOptional) throw optionalBesideUsers(handlerName(context), strategy);
      const jwts = jwtsOf(context, transport, (token) => this[IS_INTROSPECTED](token));
      if (!jwts) return super[AUTHENTICATE](context, transport);
      const issuers = jwts.map(({ claims }) => this[ISSUER_OF](claims['iss']));
      if (areKnown(issuers)) return this.decide(jwts, issuers, context, transport);
      return this.lookUp(jwts, issuers, context, transport);
    }

    /** Waits for issuers that are not known yet. */
    private async lookUp(
      jwts: readonly JwtOfRequest[],
      pending: readonly (ResolvedIssuer | undefined | Promise<ResolvedIssuer | undefined>)[],
      context: ExecutionContext,
      transport: InboundTransport,
    ): Promise<boolean> {
      let issuers: readonly (ResolvedIssuer | undefined)[];
      try {
        issuers = await Promise.all(pending.map((each) => Promise.resolve(each)));
      } catch (error) {
        return this[REFUSE](error, context, transport);
      }
      return this.decide(jwts, issuers, context, transport);
    }

    private decide(
      jwts: readonly JwtOfRequest[],
      issuers: readonly (ResolvedIssuer | undefined)[],
      context: ExecutionContext,
      transport: InboundTransport,
    ): Activation {
      const accepted = jwts.flatMap((jwt, index) => {
        const issuer = issuers[index];
        return issuer ? [{ ...jwt, issuer }] : [];
      });
      const kinds = accepted.map(kindOfJwt);
      const unknown = accepted.filter((_token, index) => kinds[index] === 'unknown');
      const isMachine = accepted.some(({ isMisplaced }) => isMisplaced) || kinds.includes('machine');
      if (isMachine || (unknown.length > 0 && !isUser)) return super[AUTHENTICATE](context, transport);
      return unknown.length > 0 ? this.ask(unknown, context, transport) : this.letUserIn(context, transport);
    }

    /** Asks `isUser` about tokens that do not tell. */
    private async ask(unknown: readonly FoundJwt[], context: ExecutionContext, transport: InboundTransport) {
      let areUsers: boolean;
      try {
        const ask = ({ claims }: FoundJwt) =>
          callBack<unknown>('M2MGuard.or.isUser', () => isUser?.(claims), TIMEOUT, this.userClock);
        areUsers = (await Promise.all(unknown.map(ask))).every((answer) => answer === true);
      } catch (error) {
        return this[REFUSE](error, context, transport);
      }
      return areUsers ? this.letUserIn(context, transport) : super[AUTHENTICATE](context, transport);
    }

    private async letUserIn(context: ExecutionContext, transport: InboundTransport): Promise<boolean> {
      try {
        const isLetIn = await new UserGuard(this.passportOptions, transport).canActivate(context);
        return isLetIn && this[LET_IN](undefined, context, transport);
      } catch (error) {
        if (!(error instanceof UnauthorizedException)) throw error;
        const message = `no machine's token came, and the strategy ${strategy} let no user in`;
        const noUser = new InvalidTokenError('user', message, { cause: error });
        const token = bearerToken(context, transport);
        return this[REFUSE](typeof token === 'string' ? noUser : token, context, transport);
      }
    }
  }
  return MachineOrUserGuard;
}

/** What the start-up checks read of a guard that lets users in. */
export interface UsersOfGuard {
  readonly strategy: string;
  readonly hasIsUser: boolean;
}

/** Passport's guard for one request. It lets in nobody without a user; passport's own does if a strategy calls `pass()`. */
function userGuard(strategy: string): Type<IAuthGuard> {
  return class UserGuard extends AuthGuard(strategy) {
    private hasUser = false;

    constructor(
      options: AuthModuleOptions | undefined,
      private readonly transport: InboundTransport,
    ) {
      super(options);
    }

    override getRequest(context: ExecutionContext): unknown {
      return this.transport.userRequest?.(context) ?? super.getRequest(context);
    }

    override handleRequest<User>(error: unknown, user: User, ...rest: [unknown, ExecutionContext, unknown?]): User {
      const accepted = super.handleRequest<User>(error, user, ...rest);
      this.hasUser = Boolean(accepted);
      return accepted;
    }

    override async canActivate(context: ExecutionContext): Promise<boolean> {
      const isLetIn = await super.canActivate(context);
      if (!this.hasUser) throw new UnauthorizedException();
      return isLetIn === true;
    }
  };
}

function areKnown<T>(values: readonly (T | Promise<T>)[]): values is readonly T[] {
  return !values.some((each) => each instanceof Promise);
}

/** A JWT of any issuer in a request: nothing of it is verified. */
interface JwtOfRequest {
  readonly claims: Claims;
  /** Whether it stands in credentials that are not this one JWT. */
  readonly isMisplaced: boolean;
}

/**
 * The JWTs in a request that goes to the users' strategy if none is of an accepted issuer, or each of those is well placed
 * and a user's. `undefined` if the rules of machines hold for any request: for credentials that are malformed, repeated or
 * too long, and for an opaque token whose issuer is asked about it: nobody else can tell whose it is. Passport knows other
 * transports than HTTP not at all.
 */
function jwtsOf(
  context: ExecutionContext,
  transport: InboundTransport,
  isIntrospected: (token: string) => boolean,
): readonly JwtOfRequest[] | undefined {
  if (!transport.texts) return undefined;
  const token = bearerToken(context, transport);
  if (hasCode(token, 'ERR_M2M_INVALID_TOKEN') && token.reason !== 'absent') return undefined;
  if (typeof token === 'string' && isIntrospected(token)) return undefined;
  try {
    const { credentials, elsewhere } = transport.texts(context);
    const inCredentials = findJwts(credentials);
    const isMisplaced = inCredentials.length > 0 && !isJwt(token);
    return [
      ...inCredentials.map((claims) => ({ claims, isMisplaced })),
      ...findJwts(elsewhere).map((claims) => ({ claims, isMisplaced: false })),
    ];
  } catch {
    return undefined;
  }
}

function isJwt(token: string | InvalidTokenError): boolean {
  try {
    return typeof token === 'string' && parseCompactJws(token) !== undefined;
  } catch {
    return false;
  }
}

/** The token of a request's well-formed credentials, or why there is none. */
function bearerToken(context: ExecutionContext, transport: InboundTransport): string | InvalidTokenError {
  try {
    return tokenOf(transport.credentials(context).token);
  } catch (error) {
    return error as InvalidTokenError;
  }
}

function optionalBesideUsers(handler: string, strategy: string): M2MConfigurationError {
  const problem = `has @OptionalToken(), and M2MGuard.or('${strategy}') stands before it`;
  return new M2MConfigurationError({ option: handler, problem, remedy: `@UseGuards(M2MGuard) on ${handler}` });
}

function checkArguments(strategy: unknown, options: M2MUserOptions): void {
  if (typeof strategy !== 'string' || strategy === '') {
    const remedy = "M2MGuard.or('user-jwt')";
    throw new M2MConfigurationError({ option: 'M2MGuard.or', problem: 'needs the name of one strategy', remedy });
  }
  const unknown = Object.keys(options).find((name) => name !== 'isUser');
  const isUser: unknown = options.isUser;
  if (unknown === undefined && (isUser === undefined || typeof isUser === 'function')) return;
  const remedy = `M2MGuard.or('${strategy}', { isUser: ({ client_id }) => client_id === 'spa' })`;
  const problem = unknown === undefined ? 'is not a function' : 'is not an option';
  throw new M2MConfigurationError({ option: `M2MGuard.or.${unknown ?? 'isUser'}`, problem, remedy });
}
