import {
  All,
  Controller,
  Module,
  UseGuards,
  type INestApplication,
  type MiddlewareConsumer,
  type NestModule,
  type Type,
} from '@nestjs/common';
import passport from 'passport';
import {
  AllowClients,
  auth0,
  M2MGuard,
  OptionalToken,
  Public,
  RequireAnyScope,
  RequireAudience,
  RequireScopes,
  type AuthorizationServer,
  type M2MModuleOptions,
} from '../../lib/index.js';
import { MachinesMiddleware } from '../e2e/guard/recipes/machines.middleware.js';

/** The issuers, by their identifiers, whose tokens the guarded API accepts. */
export interface Issuers {
  readonly primary: string;
  /** Trusted for `read:products` only. */
  readonly partner: string;
  /** Trusted for one organization of several. */
  readonly tenants: string;
  /** Trusted, and its keys cannot be had. */
  readonly unreachable: string;
  /** Trusted, with the keys that are given here. */
  readonly given: Pick<AuthorizationServer, 'issuer' | 'jwks'>;
  /** Trusted, with a function for its keys that throws. */
  readonly failing: string;
}

/** An application that the corpus is fired at. */
export interface GuardedApi {
  readonly options: M2MModuleOptions;
  readonly controllers: Type[];
  readonly imports: Type[];
  /** Between creation and start. */
  configure(app: INestApplication): void;
}

const audience = 'https://api.test';
/** That of a second API in the same process. */
const adminAudience = 'https://admin.test';
const server = (issuer: string): AuthorizationServer => ({ name: 'test', issuer });

/** What middleware lets in, as the guard lets in to `/products`. */
@Public()
@Controller('checked')
class CheckedController {
  @All()
  checked(): string {
    return 'checked';
  }
}

@Module({})
class MiddlewareModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(MachinesMiddleware).forRoutes(CheckedController);
  }
}

/** The API that the corpus is fired at. */
export function guardedApi({ primary, partner, tenants, unreachable, given, failing }: Issuers): GuardedApi {
  passport.use('users', { authenticate: letUserIn });

  @UseGuards(M2MGuard)
  @Controller()
  class ApiController {
    @All('products')
    products(): string {
      return 'products';
    }

    @RequireScopes('read:products')
    @All('read')
    read(): string {
      return 'read';
    }

    @RequireScopes('read:products')
    @RequireScopes('write:products')
    @All('write')
    write(): string {
      return 'write';
    }

    @RequireAnyScope('admin', 'editor')
    @All('any')
    any(): string {
      return 'any';
    }

    @AllowClients('test-client')
    @All('clients')
    clients(): string {
      return 'clients';
    }

    @AllowClients({ issuer: partner, clientId: 'billing' })
    @All('partners')
    partners(): string {
      return 'partners';
    }

    @RequireAudience(adminAudience)
    @All('admin')
    admin(): string {
      return 'admin';
    }

    @OptionalToken()
    @All('optional')
    optional(): string {
      return 'optional';
    }

    @Public()
    @All('public')
    public(): string {
      return 'public';
    }
  }

  @RequireScopes('read:products')
  abstract class Reading {}

  @UseGuards(M2MGuard)
  @Controller('inherited')
  class InheritingController extends Reading {
    @All()
    inherited(): string {
      return 'inherited';
    }
  }

  @OptionalToken()
  @UseGuards(M2MGuard)
  @Controller('prices')
  class PricesController {
    @All()
    prices(): string {
      return 'prices';
    }
  }

  @UseGuards(M2MGuard.or('users'))
  @Controller('either')
  class MachinesAndUsersController extends Reading {
    @All()
    either(): string {
      return 'either';
    }
  }

  const tenantsServer = { ...auth0({ domain: 'tenants.test' }), issuer: tenants };
  const trusted = { audience, scopes: ['read:products'] };
  return {
    options: {
      authorizationServer: server(primary),
      resourceServer: {
        audience: [audience, adminAudience],
        realm: 'api',
        maxTokenAge: 3_600_000,
        trust: [
          { ...trusted, authorizationServer: server(partner) },
          { ...trusted, authorizationServer: tenantsServer, allowedOrganizations: ['org_acme'] },
          { ...trusted, authorizationServer: server(unreachable) },
          { ...trusted, authorizationServer: { name: 'test', ...given } },
          { ...trusted, authorizationServer: { ...server(failing), jwks: () => Promise.reject(new Error('no keys')) } },
        ],
      },
    },
    imports: [MiddlewareModule],
    controllers: [CheckedController, ApiController, InheritingController, PricesController, MachinesAndUsersController],
    configure: allowLongHeaders,
  };
}

/** Node answers 431 to more than 16 KiB of headers, before the guard sees the token in them. */
function allowLongHeaders(app: INestApplication): void {
  Object.assign(app.getHttpServer() as object, { maxHeaderSize: 128 * 1024 });
}

interface UserRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly url?: string;
  readonly body?: unknown;
}

/** What passport makes of a strategy for one request. */
interface Attempt {
  success(user: object): void;
  fail(): void;
}

/** The laxest strategy for users: whoever brings anything like a JWT is one, wherever it is, and nothing is verified. */
function letUserIn(this: Attempt, { headers, url, body }: UserRequest): void {
  if (/eyJ[\w-]+\.eyJ/.test(JSON.stringify([headers, url, body]))) this.success({ name: 'alice' });
  else this.fail();
}
