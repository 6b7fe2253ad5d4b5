import type { HttpService } from '@nestjs/axios';
import { Module } from '@nestjs/common';
import axiosRetry from 'axios-retry';
import { InjectM2MHttp, M2MModule } from '../../../../lib/index.js';

const products = M2MModule.forFeature(['products']);

@Module({ imports: [products], exports: [products] })
export class RetriedCallsModule {
  constructor(@InjectM2MHttp('products') { axiosRef }: HttpService) {
    axiosRetry(axiosRef, {
      retries: 3,
      retryDelay: axiosRetry.exponentialDelay,
      retryCondition: axiosRetry.isNetworkOrIdempotentRequestError,
    });
  }
}
