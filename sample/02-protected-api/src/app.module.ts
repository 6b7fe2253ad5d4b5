import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { M2MGuard, M2MModule, oidc } from 'nestjs-m2m';
import { HealthController } from './health.controller.js';
import { PricesController } from './prices.controller.js';
import { ProductsController } from './products.controller.js';

@Module({
  imports: [
    M2MModule.forRoot({
      authorizationServer: oidc({ issuer: process.env.ISSUER ?? 'http://127.0.0.1:4000' }),
      resourceServer: { audience: 'https://products.example.com', realm: 'products' },
    }),
  ],
  controllers: [HealthController, PricesController, ProductsController],
  // Every route of the application needs a token, unless it says @Public.
  providers: [{ provide: APP_GUARD, useExisting: M2MGuard }],
})
export class AppModule {}
