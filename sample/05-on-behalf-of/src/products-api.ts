import { Controller, Get, Module, UseGuards, type DynamicModule } from '@nestjs/common';
import { Caller, M2MGuard, M2MModule, oidc, RequireScopes, type M2MCaller } from 'nestjs-m2m';
import { PRODUCTS_API } from './authorization-server.js';

@Controller('products')
@UseGuards(M2MGuard)
@RequireScopes('read:products')
export class ProductsController {
  /** The user is the subject of the token, and the service that acts for the user is its client. */
  @Get()
  list(@Caller() { subject, clientId }: M2MCaller) {
    return { products: ['Tea', 'Coffee'], user: subject, calledBy: clientId };
  }
}

/** Takes tokens of users from the orders service, and of nobody else. */
@Module({})
export class ProductsApi {
  static trusting(issuer: string): DynamicModule {
    const m2m = M2MModule.forRoot({
      authorizationServer: oidc({ issuer }),
      resourceServer: { audience: PRODUCTS_API, callers: 'any', allowedClients: ['orders'] },
    });
    return { module: ProductsApi, imports: [m2m], controllers: [ProductsController] };
  }
}
