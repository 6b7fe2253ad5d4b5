import { Body, Controller, Get, Post } from '@nestjs/common';
import { CatalogueService, type Product } from './catalogue.service.js';

@Controller('catalogue')
export class CatalogueController {
  constructor(private readonly catalogue: CatalogueService) {}

  @Get()
  list(): Promise<Product[]> {
    return this.catalogue.list();
  }

  @Post()
  add(@Body('name') name: string): Promise<Product> {
    return this.catalogue.add(name);
  }

  @Get('token-lifetime')
  async tokenLifetime(): Promise<{ seconds: number }> {
    return { seconds: await this.catalogue.tokenLifetime() };
  }
}
