import { Module } from '@nestjs/common';
import { M2MModule, oidc } from 'nestjs-m2m';
import { CatalogueModule } from './catalogue.module.js';

@Module({
  imports: [
    M2MModule.forRoot({
      authorizationServer: oidc({ issuer: process.env.ISSUER ?? 'http://127.0.0.1:4000' }),
      client: {
        clientId: 'orders',
        // A function is asked again when the credentials are refused, so a secret can change without a restart.
        clientSecret: () => process.env.CLIENT_SECRET ?? 'orders-secret',
        targets: {
          products: {
            url: process.env.PRODUCTS_URL ?? 'http://127.0.0.1:3000/products',
            resource: 'https://products.example.com',
            scope: 'read:products',
          },
        },
      },
    }),
    CatalogueModule,
  ],
})
export class AppModule {}
