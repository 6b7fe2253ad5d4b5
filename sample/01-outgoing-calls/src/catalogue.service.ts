import { HttpService } from '@nestjs/axios';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InjectM2MHttp, M2MClientService } from 'nestjs-m2m';
import { firstValueFrom } from 'rxjs';

export interface Product {
  name: string;
}

@Injectable()
export class CatalogueService implements OnModuleInit {
  private readonly logger = new Logger(CatalogueService.name);

  constructor(
    @InjectM2MHttp('products') private readonly products: HttpService,
    private readonly m2m: M2MClientService,
  ) {}

  onModuleInit(): void {
    this.m2m.events$.subscribe((event) => {
      if (event.type === 'request-failed') this.logger.warn(`${event.error.message}. Does sample 03 run?`);
      else this.logger.log(event.type);
    });
  }

  /** The usual way: an HttpService whose base URL and token are those of the target. */
  async list(): Promise<Product[]> {
    const { data } = await firstValueFrom(this.products.get<Product[]>(''));
    return data;
  }

  /** One call may ask for another token. */
  async add(name: string): Promise<Product> {
    const m2m = { scope: ['write:products'] };
    const { data } = await firstValueFrom(this.products.post<Product>('', { name }, { m2m }));
    return data;
  }

  /** For what does not speak Axios (gRPC metadata, a vendor's SDK): the token itself. */
  async tokenLifetime(): Promise<number> {
    const { expiresAt } = await this.m2m.getAccessToken({ target: 'products' });
    return Math.round((expiresAt.getTime() - Date.now()) / 1000);
  }
}
