import { Controller, Delete, Get, HttpCode, NotFoundException, Param } from '@nestjs/common';
import { AllowClients, Caller, RequireAnyScope, RequireScopes, type M2MCaller } from 'nestjs-m2m';

@Controller('products')
@RequireScopes('read:products')
export class ProductsController {
  private readonly products = new Map([
    ['1', 'Tea'],
    ['2', 'Coffee'],
  ]);

  /** Needs the scope of the class. */
  @Get()
  list() {
    return [...this.products].map(([id, name]) => ({ id, name }));
  }

  /** Who is calling, as the token says. */
  @Get('caller')
  caller(@Caller() caller: M2MCaller) {
    const { clientId, scopes, expiresAt } = caller;
    return { clientId, scopes, expiresAt };
  }

  /** Needs one of two scopes as well. */
  @Delete(':id')
  @HttpCode(204)
  @RequireAnyScope('write:products', 'admin')
  remove(@Param('id') id: string): void {
    if (!this.products.delete(id)) throw new NotFoundException();
  }

  /** For one client only, whatever scopes others have. */
  @Get('report')
  @AllowClients('reports')
  report() {
    return { count: this.products.size };
  }
}
