import { All, Controller, UseGuards, type Type } from '@nestjs/common';
import { AllowClients } from '../../lib/resource-server/guard/decorators/allow-clients.decorator.js';
import { Public } from '../../lib/resource-server/guard/decorators/public.decorator.js';
import { RequireAnyScope } from '../../lib/resource-server/guard/decorators/require-any-scope.decorator.js';
import { RequireScopes } from '../../lib/resource-server/guard/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../lib/resource-server/guard/m2m.guard.js';

/** The API that the corpus is fired at. */
export function guardedApi(partner: string): Type[] {
  @UseGuards(M2MGuard)
  @Controller()
  class ApiController {
    @All('products')
    products(): string {
      return 'products';
    }

    @RequireScopes('read:products')
    @All('read')
    read(): string {
      return 'read';
    }

    @RequireScopes('read:products')
    @RequireScopes('write:products')
    @All('write')
    write(): string {
      return 'write';
    }

    @RequireAnyScope('admin', 'editor')
    @All('any')
    any(): string {
      return 'any';
    }

    @AllowClients('test-client')
    @All('clients')
    clients(): string {
      return 'clients';
    }

    @AllowClients({ issuer: partner, clientId: 'billing' })
    @All('partners')
    partners(): string {
      return 'partners';
    }

    @Public()
    @All('public')
    public(): string {
      return 'public';
    }
  }

  @RequireScopes('read:products')
  abstract class Reading {}

  @UseGuards(M2MGuard)
  @Controller('inherited')
  class InheritingController extends Reading {
    @All()
    inherited(): string {
      return 'inherited';
    }
  }

  return [ApiController, InheritingController];
}
