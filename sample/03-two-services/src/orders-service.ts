import type { HttpService } from '@nestjs/axios';
import { Injectable, Module } from '@nestjs/common';
import type { AxiosResponse } from 'axios';
import { M2MClientService, M2MModule, oidc } from 'nestjs-m2m';
import { firstValueFrom } from 'rxjs';
import { PRODUCTS_API } from './authorization-server.js';
import type { Product } from './products-api.js';

@Injectable()
export class OrdersService {
  private readonly products: HttpService;

  constructor(private readonly m2m: M2MClientService) {
    this.products = m2m.for('products');
  }

  /** The target's own scope, `read:products`, is enough for this. */
  listProducts(): Promise<AxiosResponse<Product[]>> {
    return firstValueFrom(this.products.get('/products'));
  }

  /** This needs another scope, and so another token. */
  addProduct(name: string, scope: string[]): Promise<AxiosResponse<Product>> {
    return firstValueFrom(this.products.post('/products', { name }, { m2m: { scope } }));
  }

  /** Any URL may be called; only those of a target get its token. No proxy, as all of them are on this machine here. */
  get(url: string): Promise<AxiosResponse<unknown>> {
    return firstValueFrom(this.m2m.http.get(url, { proxy: false }));
  }
}

export interface OrdersServiceOptions {
  issuer: string;
  productsUrl: string;
}

/** Outbound: who this service is, and which service it calls. */
@Module({})
export class OrdersModule {
  static calling({ issuer, productsUrl }: OrdersServiceOptions) {
    return {
      module: OrdersModule,
      imports: [
        M2MModule.forRoot({
          authorizationServer: oidc({ issuer }),
          client: {
            clientId: 'orders',
            clientSecret: 'orders-secret',
            targets: {
              products: { url: productsUrl, resource: PRODUCTS_API, scope: 'read:products' },
            },
          },
        }),
      ],
      providers: [OrdersService],
    };
  }
}
