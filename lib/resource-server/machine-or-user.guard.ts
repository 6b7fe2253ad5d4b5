import { Inject, Injectable, Optional, UnauthorizedException, type ExecutionContext, type Type } from '@nestjs/common';
import { AuthGuard, AuthModuleOptions, type IAuthGuard } from '@nestjs/passport';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import type { ResolvedIssuer } from '../options/resolved-options.js';
import { hasMachineToken } from './authentication/jwt/machine-token.js';
import { tokenOf } from './transports/bearer-credentials.js';
import type { InboundTransport } from './transports/inbound-transport.js';
import {
  AUTHENTICATE,
  LET_IN,
  REFUSE,
  RESOURCE_SERVER,
  type Activation,
  type BearerTokenGuard,
} from './bearer-token.guard.js';

/** The member in which a guard that lets users in has the name of their strategy. */
export const USER_STRATEGY = Symbol('nestjs-m2m:user-strategy');

/**
 * A guard that holds machines to the rules of `Base`, and leaves everybody else to a passport strategy.
 *
 * @throws M2MConfigurationError without the name of a strategy
 */
export function machineOrUserGuard(Base: Type<BearerTokenGuard>, strategy: string): Type<BearerTokenGuard> {
  if (typeof strategy !== 'string' || strategy === '') {
    const remedy = "M2MGuard.or('user-jwt')";
    throw new M2MConfigurationError({ option: 'M2MGuard.or', problem: 'needs the name of one strategy', remedy });
  }
  const UserGuard = userGuard(strategy);

  @Injectable()
  class MachineOrUserGuard extends Base {
    get [USER_STRATEGY](): string {
      return strategy;
    }

    @Optional() @Inject(AuthModuleOptions) private readonly passportOptions?: AuthModuleOptions;

    override [AUTHENTICATE](context: ExecutionContext, transport: InboundTransport): Activation {
      const isMachine = mayBeMachine(context, transport, this[RESOURCE_SERVER].issuers);
      return isMachine ? super[AUTHENTICATE](context, transport) : this.letUserIn(context, transport);
    }

    private async letUserIn(context: ExecutionContext, transport: InboundTransport): Promise<boolean> {
      try {
        const isLetIn = await new UserGuard(this.passportOptions).canActivate(context);
        return isLetIn && this[LET_IN](undefined, context, transport);
      } catch (error) {
        if (!(error instanceof UnauthorizedException)) throw error;
        const message = `no machine's token came, and the strategy ${strategy} let no user in`;
        const noUser = new InvalidTokenError('user', message, { cause: error });
        return this[REFUSE](credentialsError(context, transport) ?? noUser, context, transport);
      }
    }
  }
  return MachineOrUserGuard;
}

/** Passport's guard for one request. It lets in nobody without a user; passport's own does if a strategy calls `pass()`. */
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
 * might read it, Bearer credentials that are malformed, or more than can be searched. Passport knows other transports
 * than HTTP not at all.
 */
function mayBeMachine(
  context: ExecutionContext,
  transport: InboundTransport,
  issuers: readonly ResolvedIssuer[],
): boolean {
  if (!transport.texts) return true;
  try {
    if (hasMachineToken(transport.texts(context), issuers)) return true;
  } catch {
    return true;
  }
  const error = credentialsError(context, transport);
  return error !== undefined && error.reason !== 'absent';
}

/** Why a request has no well-formed credentials. */
function credentialsError(context: ExecutionContext, transport: InboundTransport): InvalidTokenError | undefined {
  try {
    tokenOf(transport.credentials(context).token);
    return undefined;
  } catch (error) {
    return error as InvalidTokenError;
  }
}
