import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { Module } from '@nestjs/common';
import { M2MModule, oidc } from '../../../../lib/index.js';

@Module({
  imports: [
    M2MModule.forRootAsync({
      useFactory: () => ({
        authorizationServer: oidc({ issuer: 'https://id.example.com' }),
        client: {
          clientId: 'orders',
          clientSecret: () => process.env['ORDERS_SECRET'] ?? '',
          targets: {
            products: {
              url: process.env['PRODUCTS_URL'] ?? 'https://products.internal',
              http: { httpsAgent: new Agent({ ca: readFileSync(process.env['PRODUCTS_CA'] ?? 'ca.pem') }) },
            },
          },
        },
      }),
    }),
  ],
})
export class AppModule {}
