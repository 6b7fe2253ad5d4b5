import { HttpService } from '@nestjs/axios';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { InjectM2MHttp, M2MGuard } from 'nestjs-m2m';
import { firstValueFrom } from 'rxjs';

/** A service in the middle: machines call it, and it calls the products API with a token of its own. */
@Controller('products')
@UseGuards(M2MGuard)
export class GatewayController {
  constructor(@InjectM2MHttp('products') private readonly products: HttpService) {}

  @Get()
  async list(): Promise<unknown> {
    const { data } = await firstValueFrom(this.products.get(''));
    return data;
  }
}
