import { Controller, Get, UseGuards } from '@nestjs/common';
import { Caller, M2MGuard, RequireScopes, type M2MCaller } from '../../../../../lib/index.js';

@Controller('products')
@UseGuards(M2MGuard)
export class ProductsController {
  @Get()
  @RequireScopes('read:products')
  list(@Caller() caller: M2MCaller) {
    return [{ name: 'Tea', listedFor: caller.clientId }];
  }
}
