import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Caller, M2MGuard, M2MModule, oidc, RequireScopes, type M2MCaller } from 'nestjs-m2m';
import { PRODUCTS_API } from './authorization-server.js';

export interface Product {
  name: string;
  addedBy: string;
}

@Controller('products')
export class ProductsController {
  private readonly products: Product[] = [{ name: 'Tea', addedBy: 'the shop' }];

  @Get()
  @RequireScopes('read:products')
  list(): Product[] {
    return this.products;
  }

  @Post()
  @RequireScopes('write:products')
  add(@Body('name') name: string, @Caller() caller: M2MCaller): Product {
    const product = { name, addedBy: caller.clientId };
    this.products.push(product);
    return product;
  }
}

/** Inbound: every route needs a token of this authorization server for this API. */
@Module({})
export class ProductsApi {
  static trusting(issuer: string) {
    return {
      module: ProductsApi,
      imports: [
        M2MModule.forRoot({
          authorizationServer: oidc({ issuer }),
          resourceServer: { audience: PRODUCTS_API, realm: 'products' },
        }),
      ],
      controllers: [ProductsController],
      providers: [{ provide: APP_GUARD, useExisting: M2MGuard }],
    };
  }
}
