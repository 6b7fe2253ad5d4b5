import type { HttpService } from '@nestjs/axios';
import { Controller, Get, Module, UseGuards, type DynamicModule } from '@nestjs/common';
import { Caller, CallerToken, InjectM2MHttp, M2MGuard, M2MModule, oidc } from 'nestjs-m2m';
import { firstValueFrom } from 'rxjs';
import { ORDERS_API, PRODUCTS_API } from './authorization-server.js';

@Controller('orders')
@UseGuards(M2MGuard)
export class OrdersController {
  constructor(@InjectM2MHttp('products') private readonly products: HttpService) {}

  /** Calls the products API for the user who called. The user's own token stays here: another one goes there. */
  @Get()
  async list(@Caller('subject') user: string, @CallerToken() onBehalfOf: CallerToken) {
    const { data } = await firstValueFrom(this.products.get<object>('/products', { m2m: { onBehalfOf } }));
    return { ordersOf: user, productsSaw: data };
  }
}

/** Takes tokens of users from the website, and exchanges them for calls to the products API. */
@Module({})
export class OrdersApi {
  static calling({ issuer, productsUrl }: { issuer: string; productsUrl: string }): DynamicModule {
    const m2m = M2MModule.forRoot({
      authorizationServer: oidc({ issuer }),
      resourceServer: { audience: ORDERS_API, callers: 'any', allowedClients: ['web'] },
      client: {
        clientId: 'orders',
        clientSecret: () => 'orders-secret',
        targets: {
          products: { url: productsUrl, resource: PRODUCTS_API, scope: 'read:products', token: 'exchange' },
        },
      },
    });
    const feature = M2MModule.forFeature(['products']);
    return { module: OrdersApi, imports: [m2m, feature], controllers: [OrdersController] };
  }
}
