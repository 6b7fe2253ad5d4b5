import { Inject, Injectable, Optional, UnauthorizedException, type ExecutionContext, type Type } from '@nestjs/common';
import { AuthGuard, AuthModuleOptions, type IAuthGuard } from '@nestjs/passport';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import type { ResolvedIssuer } from '../options/resolved-options.js';
import { readBearerToken, type M2MHttpRequest } from './transports/bearer-credentials.js';
import { hasMachineToken } from './authentication/jwt/machine-token.js';
import { putCaller } from './transports/request-fields.js';
import { textsOf } from './transports/request-texts.js';
import type { BearerTokenGuard } from './bearer-token.guard.js';

/** Where a guard that lets users in keeps the name of their strategy. */
export const USER_STRATEGY = Symbol('nestjs-m2m:user-strategy');

/**
 * A guard that holds machines to the rules of `Base`, and leaves everybody else to a passport strategy.
 *
 * @throws M2MConfigurationError without the name of a strategy
 */
export function machineOrUserGuard(Base: Type<BearerTokenGuard>, strategy: string): Type<BearerTokenGuard> {
  if (typeof strategy !== 'string' || strategy === '') throw notAStrategy();
  const UserGuard = userGuard(strategy);

  @Injectable()
  class MachineOrUserGuard extends Base {
    get [USER_STRATEGY](): string {
      return strategy;
    }

    @Optional() @Inject(AuthModuleOptions) private readonly passportOptions?: AuthModuleOptions;

    override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
      if (context.getType() !== 'http' || this.isPublic(context)) return super.canActivate(context);
      const isMachine = mayBeMachine(this.getRequest(context), this.resourceServer.issuers);
      return isMachine ? super.canActivate(context) : this.letUserIn(context);
    }

    private async letUserIn(context: ExecutionContext): Promise<boolean> {
      const request = this.getRequest(context);
      try {
        const isLetIn = await new UserGuard(this.passportOptions).canActivate(context);
        putCaller(request, undefined);
        return isLetIn === true;
      } catch (error) {
        if (!(error instanceof UnauthorizedException)) throw error;
        const message = `no machine's token came, and the strategy ${strategy} let no user in`;
        const refusal = credentialsError(request) ?? new InvalidTokenError('user', message, { cause: error });
        throw this.refuse(refusal, context);
      }
    }
  }
  return MachineOrUserGuard;
}

/** Passport's guard for one request. It lets in nobody without a user, as its own does where a strategy calls `pass()`. */
function userGuard(strategy: string): Type<IAuthGuard> {
  return class UserGuard extends AuthGuard(strategy) {
    private hasUser = false;

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

/**
 * Whether a request is one for the machines' rules: it brings a machine's token in any place where the users' strategy
 * might read it, Bearer credentials that are malformed, or more than can be searched.
 */
function mayBeMachine(request: M2MHttpRequest, issuers: readonly ResolvedIssuer[]): boolean {
  try {
    if (hasMachineToken(textsOf(request), issuers)) return true;
    readBearerToken(request);
    return false;
  } catch (error) {
    return (error as InvalidTokenError).reason !== 'absent';
  }
}

function notAStrategy(): M2MConfigurationError {
  return new M2MConfigurationError([
    { option: 'M2MGuard.or', problem: 'needs the name of one strategy', remedy: "M2MGuard.or('user-jwt')" },
  ]);
}

function credentialsError(request: M2MHttpRequest): InvalidTokenError | undefined {
  try {
    readBearerToken(request);
    return undefined;
  } catch (error) {
    return error as InvalidTokenError;
  }
}
