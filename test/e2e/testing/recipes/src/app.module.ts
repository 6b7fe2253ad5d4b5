import { Module } from '@nestjs/common';
import { auth0, M2MModule } from '../../../../../lib/index.js';
import { OrdersService } from './orders.service.js';
import { ProductsController } from './products.controller.js';

@Module({
  imports: [
    M2MModule.forRootAsync({
      useFactory: () => ({
        authorizationServer: auth0({ domain: 'acme.eu.auth0.com' }),
        client: {
          clientId: 'orders',
          clientSecret: () => process.env['M2M_CLIENT_SECRET'] ?? '',
          targets: {
            shop: { url: process.env['SHOP_URL'] ?? 'https://shop.example.com', audience: 'https://shop.example' },
          },
        },
        resourceServer: { audience: 'https://shop.example' },
      }),
    }),
    M2MModule.forFeature(['shop']),
  ],
  controllers: [ProductsController],
  providers: [OrdersService],
})
export class AppModule {}
