import { Inject, Injectable, Optional, UnauthorizedException, type ExecutionContext, type Type } from '@nestjs/common';
import { AuthGuard, AuthModuleOptions } from '@nestjs/passport';
import { M2MConfigurationError } from '../../errors/configuration.error.js';
import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import type { ResolvedIssuer } from '../../options/resolved-options.js';
import { readBearerToken, tokensElsewhere, type CredentialsCarrier } from './bearer-credentials.js';
import { isMachineToken } from './machine-token.js';
import { putCaller } from './request-fields.js';
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
  const UserGuard = AuthGuard(strategy);

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

/**
 * Whether a request is one for the machines' rules: it brings a machine's token in any header, in the query or in a form,
 * whichever of them the users' strategy reads, or Bearer credentials that are malformed.
 */
function mayBeMachine(request: CredentialsCarrier, issuers: readonly ResolvedIssuer[]): boolean {
  if ([...wordsOf(request), ...tokensElsewhere(request)].some((token) => isMachineToken(token, issuers))) return true;
  const error = credentialsError(request);
  return error !== undefined && error.reason !== 'absent';
}

/** Whatever could be a token in the headers and the URL of a request, percent-encoded or not. */
function wordsOf({ headers, url = '' }: CredentialsCarrier): string[] {
  return [url, ...Object.values(headers).flat()]
    .filter((text) => text !== undefined)
    .flatMap((text) => percentDecoded(text).split(/[\s,;:="&?/]+/))
    .filter((word) => word.includes('.', word.indexOf('.') + 1));
}

// One malformed escape must not keep the others as they are, as it would with decodeURIComponent.
function percentDecoded(text: string): string {
  return text.replaceAll(/%([\da-f]{2})/gi, (_escape, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
}

function notAStrategy(): M2MConfigurationError {
  return new M2MConfigurationError([
    { where: 'M2MGuard.or', seen: 'needs the name of one strategy', write: "M2MGuard.or('user-jwt')" },
  ]);
}

function credentialsError(request: CredentialsCarrier): InvalidTokenError | undefined {
  try {
    readBearerToken(request);
    return undefined;
  } catch (error) {
    return error as InvalidTokenError;
  }
}
