import type { HttpService } from '@nestjs/axios';
import { Injectable } from '@nestjs/common';
import { firstValueFrom } from 'rxjs';
import { InjectM2MHttp } from '../../../../../lib/index.js';

@Injectable()
export class OrdersService {
  constructor(@InjectM2MHttp('shop') private readonly shop: HttpService) {}

  async listProducts(): Promise<{ name: string }[]> {
    const { data } = await firstValueFrom(this.shop.get<{ name: string }[]>('/products'));
    return data;
  }
}
