import type { HttpService } from '@nestjs/axios';
import { Module } from '@nestjs/common';
import { InjectM2MHttp, M2MModule } from '../../../../lib/index.js';

// The URL and the timeout are in the target: { url: 'https://products.internal', http: { timeout: 2000 } }
const products = M2MModule.forFeature(['products']);

@Module({ imports: [products], exports: [products] })
export class ProductsHttpModule {
  constructor(@InjectM2MHttp('products') { axiosRef }: HttpService) {
    axiosRef.defaults.maxRedirects = 0;
    axiosRef.defaults.headers.common['x-channel'] = 'web';
    axiosRef.interceptors.request.use((config) => {
      config.headers.set('x-request-id', crypto.randomUUID());
      return config;
    });
  }
}
