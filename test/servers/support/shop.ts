import { Controller, Get, Injectable, Post, Req, UseGuards } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { passportJwtSecret } from 'jwks-rsa';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import type { Clock } from '../../../lib/time/clock.js';
import { startGuardedApp } from '../../support/guarded-app.js';

type Claims = Readonly<Record<string, unknown>>;

@Controller()
class MachinesController {
  @UseGuards(M2MGuard)
  @RequireScopes('read:products')
  @Get('products')
  list(@Caller() { clientId }: M2MCaller): object {
    return { machine: clientId };
  }

  @UseGuards(M2MGuard)
  @RequireScopes('write:products')
  @Post('products')
  add(): string {
    return 'added';
  }

  @UseGuards(M2MGuard)
  @Get('caller')
  caller(@Caller() { clientId, kind }: M2MCaller): object {
    return { clientId, kind };
  }

  @UseGuards(M2MGuard)
  @Get('claims')
  claims(@Caller() { claims }: M2MCaller): object {
    return claims;
  }

  @UseGuards(M2MGuard)
  @Get('scopes')
  scopes(@Caller() { scopes }: M2MCaller): readonly string[] {
    return scopes.toSorted();
  }
}

@Controller()
class UsersController {
  @UseGuards(M2MGuard.or('user-jwt'))
  @RequireScopes('read:products')
  @Get('either')
  either(@Req() { user }: { user: Claims }, @Caller() caller?: M2MCaller): object {
    return caller ? { machine: caller.clientId } : { user: user['preferred_username'] };
  }

  @UseGuards(M2MGuard.or('user-jwt', { isUser: ({ azp }) => azp === 'shop-web' }))
  @RequireScopes('read:products')
  @Get('told')
  told(@Req() { user }: { user: Claims }, @Caller() caller?: M2MCaller): object {
    return caller ? { machine: caller.clientId } : { user: user['preferred_username'] };
  }
}

/** The strategy of the documentation of jwks-rsa: whoever signs for this audience is a user. */
function userStrategy(issuer: string, jwksUri: string, audience: string | null) {
  @Injectable()
  class UserStrategy extends PassportStrategy(Strategy, 'user-jwt') {
    constructor() {
      super({
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
        secretOrKeyProvider: passportJwtSecret({ jwksUri, cache: true }),
        algorithms: ['RS256'],
        issuer,
        ...(audience !== null && { audience }),
      });
    }

    validate(claims: Claims): Claims {
      return claims;
    }
  }
  return UserStrategy;
}

/** A running application of the shop. */
export interface Shop extends AsyncDisposable {
  readonly url: string;
  /** How a token is answered at a path: the body of a 200, else the status and the reason that the log gives. */
  ask(path: string, token: string): Promise<unknown>;
  /** What the log says about refused requests. */
  readonly refusals: readonly string[];
}

export interface ShopOptions {
  readonly authorizationServer: AuthorizationServer;
  readonly audience: string | null;
  /** Where the users' strategy finds keys. @default no routes for users */
  readonly jwksUri?: string;
  readonly resourceServer?: Partial<M2MResourceServerOptions>;
  readonly clock?: Clock;
}

/** Starts the API of a shop. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const { authorizationServer, audience, jwksUri, resourceServer = {}, clock } = options;
  const { issuer } = authorizationServer;
  // A server that has just started on a busy machine may take seconds.
  const keySet = { timeout: 60_000, ...resourceServer.keySet };
  const guarded = await startGuardedApp({
    options: {
      authorizationServer,
      resourceServer: { ...resourceServer, audience, keySet } as M2MResourceServerOptions,
    },
    controllers: jwksUri === undefined ? [MachinesController] : [MachinesController, UsersController],
    providers: jwksUri === undefined ? [] : [userStrategy(issuer, jwksUri, audience)],
    ...(clock && { clock }),
  });
  const { url } = guarded;
  let reason: string | undefined;
  const refusals: string[] = [];
  guarded.app.get(M2MTokenVerifier).events$.subscribe((event) => {
    if (!('error' in event)) return;
    reason = 'reason' in event.error ? event.error.reason : event.type;
    refusals.push(event.error.message);
  });
  return {
    url,
    refusals,
    async ask(path, token) {
      const response = await fetch(`${url}/${path}`, { headers: { authorization: `Bearer ${token}` } });
      return response.ok ? response.json() : `${response.status} ${reason}`;
    },
    [Symbol.asyncDispose]: () => guarded[Symbol.asyncDispose](),
  };
}
