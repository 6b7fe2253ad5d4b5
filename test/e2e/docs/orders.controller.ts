import { Controller, Get, UseGuards } from '@nestjs/common';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';

/** An API that machines call. */
@Controller('orders')
@UseGuards(M2MGuard)
export class OrdersController {
  @Get()
  orders(): string {
    return 'orders';
  }
}
