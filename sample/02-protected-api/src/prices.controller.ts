import { Controller, Get } from '@nestjs/common';
import { Caller, OptionalToken, type M2MCaller } from 'nestjs-m2m';

@Controller('prices')
export class PricesController {
  /** Everybody may call. A caller with a token, which must be a good one, has a discount. */
  @Get()
  @OptionalToken()
  list(@Caller() caller?: M2MCaller) {
    const discount = caller?.hasScope('read:products') ? 0.1 : 0;
    return [{ name: 'Tea', price: 3.5 * (1 - discount) }];
  }
}
