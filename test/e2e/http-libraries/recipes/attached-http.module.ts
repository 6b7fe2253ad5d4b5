import { HttpModule, HttpService } from '@nestjs/axios';
import { Module } from '@nestjs/common';
import { M2MClientService } from '../../../../lib/index.js';

@Module({
  imports: [
    HttpModule.registerAsync({
      useFactory: () => ({
        baseURL: process.env['PRODUCTS_URL'] ?? 'https://products.internal',
        timeout: 2000,
        maxRedirects: 0,
        headers: { 'x-channel': 'web' },
      }),
    }),
  ],
  exports: [HttpModule],
})
export class ProductsHttpModule {
  constructor(m2m: M2MClientService, { axiosRef }: HttpService) {
    axiosRef.interceptors.request.use((config) => {
      config.headers.set('x-request-id', crypto.randomUUID());
      return config;
    });
    m2m.attach(axiosRef, 'products');
  }
}
