import 'reflect-metadata';
import {
  Controller,
  Get,
  Injectable,
  Module,
  Post,
  UseGuards,
  Version,
  type CanActivate,
  type INestApplication,
  VersioningType,
  type OnModuleDestroy,
  type OnModuleInit,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import {
  AllowClients,
  EnforcesM2M,
  M2MGuard,
  M2MModule,
  oidc,
  OptionalToken,
  Public,
  RequireAnyScope,
  RequireAudience,
  RequireScopes,
} from '../../../../lib/index.js';

@EnforcesM2M()
@Injectable()
class OwnGuard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller('products')
@UseGuards(M2MGuard)
class ProductsController {
  @Get()
  @RequireScopes('read:products')
  list(): void {}

  @Post(['', 'import'])
  @RequireScopes('write:products')
  @RequireAnyScope('admin', 'import|all')
  @AllowClients('orders', { issuer: 'https://partner.example.com', clientId: 'erp' })
  @RequireAudience('https://shop-api')
  create(): void {}

  @Get('health')
  @Public()
  health(): void {}

  @Get('recommended')
  @OptionalToken()
  recommended(): void {}

  @Get('new')
  @Version('2')
  renewed(): void {}
}

@Controller('orders')
class OrdersController {
  @Get()
  list(): void {}

  @Get('any')
  @UseGuards(M2MGuard.or('user-jwt', { isUser: () => false }))
  any(): void {}

  @Get('own')
  @UseGuards(OwnGuard)
  @RequireScopes('read:orders')
  own(): void {}

  @MessagePattern({ cmd: 'ship' })
  ship(): void {}
}

/** What must not run, and what must not keep the process alive. */
@Injectable()
class Hooks implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  readonly timer = setInterval(() => undefined, 1000);

  onModuleInit(): void {
    process.stderr.write('onModuleInit has run\n');
  }

  onApplicationBootstrap(): void {
    process.stderr.write('onApplicationBootstrap has run\n');
  }

  onModuleDestroy(): void {
    process.stderr.write('onModuleDestroy has run\n');
  }
}

@Module({
  imports: [
    M2MModule.forRoot({
      authorizationServer: oidc({ issuer: process.env['ISSUER'] ?? '' }),
      client: { clientId: 'shop', clientSecret: 's3cret', warmup: 'required' },
      resourceServer: {
        audience: ['https://shop-api', 'https://other-api'],
        warmup: 'required',
        trust: [
          {
            authorizationServer: oidc({ issuer: 'https://partner.example.com' }),
            audience: 'https://shop-api',
            scopes: ['write:products'],
          },
        ],
      },
    }),
  ],
  controllers: [ProductsController, OrdersController],
  providers: [Hooks, OwnGuard],
})
export class AppModule {}

@Module({})
export class WithoutM2M {}

@Controller('orphans')
class OrphansController {
  @Get()
  @RequireScopes('read:orphans')
  list(): void {}
}

@Module({ imports: [AppModule], controllers: [OrphansController] })
export class WithProblems {}

/** As main.ts makes it. */
export async function createApp(): Promise<INestApplication> {
  process.stdout.write('the application writes\n');
  const app = await NestFactory.create(AppModule);
  app.setGlobalPrefix('api');
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  app.useGlobalGuards(app.get(OwnGuard));
  return app;
}

export function createsNothing(): object {
  return {};
}

export function endsTheProcess(): void {
  process.exit(0);
}

export function waitsForNothing(): Promise<void> {
  return new Promise(() => undefined);
}

export default AppModule;
export const nothing = 1;
