import { type CanActivate, Controller, Delete, Get, Inject, Injectable, Post, UseGuards } from '@nestjs/common';
import type { ExecutionContext, INestApplication, Type } from '@nestjs/common';
import { All } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ApiSecurity, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import passport from 'passport';
import {
  AllowClients,
  EnforcesM2M,
  M2MGuard,
  OptionalToken,
  Public,
  RequireAnyScope,
  RequireAudience,
  RequireScopes,
} from '../../../lib/index.js';
import type { M2MRequest } from '../../../lib/resource-server/transports/m2m-request.js';
import { addM2MSecurity } from '../../../lib/swagger/index.js';
import { testAudience, testClientId } from '../../support/issuer.js';

/** The audience of the second API of the process. */
export const adminAudience = 'https://admin.test';

@UseGuards(M2MGuard)
@RequireScopes('read')
@Controller('products')
class ProductsController {
  @Get()
  list(): string {
    return 'list';
  }

  @RequireScopes('write')
  @Post()
  create(): string {
    return 'create';
  }

  @RequireAnyScope('price', 'stock')
  @Get('any/:id')
  any(): string {
    return 'any';
  }

  @RequireAnyScope('price', 'stock')
  @RequireAnyScope('stock', 'write')
  @Delete('groups/:id/parts/:part')
  groups(): string {
    return 'groups';
  }

  @RequireScopes('stock')
  @Get(['old/:id', 'older/:id/name'])
  old(): string {
    return 'old';
  }

  @Public()
  @Get('open')
  open(): string {
    return 'open';
  }

  @AllowClients(testClientId)
  @Get('own')
  own(): string {
    return 'own';
  }

  @RequireAudience(adminAudience)
  @Get('admin')
  admin(): string {
    return 'admin';
  }

  @All('everything/*')
  everything(): string {
    return 'everything';
  }
}

@UseGuards(M2MGuard)
@Controller('prices')
class PricesController {
  @OptionalToken()
  @Get()
  list(): string {
    return 'list';
  }

  @Get('token')
  token(): string {
    return 'token';
  }
}

abstract class StockController {
  @Get()
  inherited(): string {
    return 'inherited';
  }
}

@UseGuards(M2MGuard)
@RequireScopes('stock')
@Controller(['stock', 'shelves'])
class GuardedStockController extends StockController {}

@UseGuards(M2MGuard)
@Public()
@Controller('open-stock')
class OpenStockController extends StockController {}

@Controller('unguarded')
class UnguardedController {
  @Get()
  list(): string {
    return 'list';
  }

  @ApiSecurity('key')
  @Get('other')
  other(): string {
    return 'other';
  }
}

@Controller('health')
class HealthController {
  @Public()
  @Get()
  check(): string {
    return 'up';
  }
}

/** Lets in a machine, or anybody with a key. */
@EnforcesM2M()
@Injectable()
class MachineOrKeyGuard implements CanActivate {
  constructor(@Inject(M2MGuard) private readonly machines: M2MGuard) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { headers } = context.switchToHttp().getRequest<M2MRequest>();
    return headers['x-key'] === 'key' || (await this.machines.canActivate(context));
  }
}

@RequireScopes('read')
@Controller('shared')
class SharedController {
  @ApiSecurity('user')
  @UseGuards(M2MGuard.or('user'))
  @Get('users')
  users(): string {
    return 'users';
  }

  @ApiSecurity('key')
  @UseGuards(MachineOrKeyGuard)
  @Get('keys')
  keys(): string {
    return 'keys';
  }

  @ApiSecurity('user')
  @UseGuards(M2MGuard)
  @Get('machines')
  machines(): string {
    return 'machines';
  }
}

/** Lets in whom the header `x-user` names. */
@Injectable()
class UserStrategy extends PassportStrategy(passport.Strategy, 'user') {
  override authenticate(request: M2MRequest): void {
    const { 'x-user': user } = request.headers;
    if (user === undefined) this.fail(401);
    else this.success({ user });
  }

  validate(): unknown {
    return undefined;
  }
}

export const controllers: Type[] = [
  ProductsController,
  PricesController,
  GuardedStockController,
  OpenStockController,
  UnguardedController,
  HealthController,
  SharedController,
];

export const providers = [MachineOrKeyGuard, UserStrategy];

export const audience = [testAudience, adminAudience];

/** The document of an application, as its `main.ts` has it. */
export function documentOf(
  app: INestApplication,
  { openapi = '3.0.0', ignoreGlobalPrefix = false } = {},
): OpenAPIObject {
  const config = new DocumentBuilder()
    .addApiKey({ type: 'apiKey', name: 'x-user', in: 'header' }, 'user')
    .addApiKey({ type: 'apiKey', name: 'x-key', in: 'header' }, 'key')
    .build();
  return addM2MSecurity(SwaggerModule.createDocument(app, { ...config, openapi }, { ignoreGlobalPrefix }), app);
}
