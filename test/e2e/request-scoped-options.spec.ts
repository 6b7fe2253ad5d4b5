import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ConsoleLogger,
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Scope,
  UseGuards,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { INQUIRER, REQUEST } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { M2MClientService } from '../../lib/client/m2m-client.service.js';
import { M2MModule, type M2MModuleAsyncOptions } from '../../lib/m2m.module.js';
import type { M2MModuleOptions, M2MOptionsFactory } from '../../lib/options/module-options.js';
import { M2MGuard } from '../../lib/resource-server/m2m.guard.js';

const options: M2MModuleOptions = {
  authorizationServer: { name: 'down', issuer: 'http://127.0.0.1:9/oidc' },
  client: { clientId: 'orders', clientSecret: 'top-secret' },
  resourceServer: { audience: 'https://api.example.com' },
};

@Injectable({ scope: Scope.REQUEST })
class Tenant {}

@Injectable({ scope: Scope.REQUEST, durable: true })
class DurableTenant {}

@Injectable()
class NamedAfterTenant {
  constructor(@Inject(Tenant) readonly tenant: Tenant) {}
}

@Injectable({ scope: Scope.TRANSIENT })
class Transient {
  constructor(@Inject(INQUIRER) readonly inquirer: unknown) {}
}

@Injectable()
class Plain {}

@Module({
  providers: [Tenant, DurableTenant, NamedAfterTenant, Transient, Plain],
  exports: [Tenant, DurableTenant, NamedAfterTenant, Transient, Plain],
})
class TenantModule {}

/** A factory of options that injects a class. */
function optionsWith(token: Type): Type<M2MOptionsFactory> {
  @Injectable()
  class Options implements M2MOptionsFactory {
    constructor(@Inject(token) readonly injected: unknown) {}

    createM2MOptions(): M2MModuleOptions {
      return options;
    }
  }
  return Options;
}

const OfTenant = optionsWith(Tenant);

@Injectable({ scope: Scope.REQUEST })
class RequestScoped implements M2MOptionsFactory {
  createM2MOptions(): M2MModuleOptions {
    return options;
  }
}

@Module({ imports: [TenantModule], providers: [OfTenant], exports: [OfTenant] })
class OptionsModule {}

@Controller()
@UseGuards(M2MGuard)
class ApiController {
  constructor(@Inject(M2MClientService) readonly m2m: M2MClientService) {}

  @Get()
  get(): string {
    return 'ok';
  }
}

let app: INestApplication | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function start(asyncOptions: M2MModuleAsyncOptions): Promise<void> {
  const m2m = M2MModule.forRootAsync({ imports: [TenantModule, OptionsModule], ...asyncOptions });
  const testing = await Test.createTestingModule({ imports: [m2m], controllers: [ApiController] })
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  app = testing.createNestApplication();
  await app.init();
}

const useFactory = (): M2MModuleOptions => options;

describe('the start of an application', () => {
  it.each<[string, M2MModuleAsyncOptions]>([
    ['a factory that injects REQUEST', { inject: [REQUEST], useFactory }],
    ['a factory that injects a request-scoped provider', { inject: [Tenant], useFactory }],
    ['a factory that injects a durable provider', { inject: [DurableTenant], useFactory }],
    ['a factory whose provider injects a request-scoped one', { inject: [NamedAfterTenant], useFactory }],
    ['a request-scoped class', { useClass: RequestScoped }],
    ['a class that injects a request-scoped provider', { useClass: optionsWith(Tenant) }],
    ['a class whose provider injects a request-scoped one', { useClass: optionsWith(NamedAfterTenant) }],
    ['an existing class that injects a request-scoped provider', { useExisting: OfTenant }],
  ])('stops if its options come from %s, and says what to write', async (_name, asyncOptions) => {
    await expect(start(asyncOptions)).rejects.toMatchObject({
      code: 'ERR_M2M_CONFIGURATION',
      message: expect.stringMatching(/forRootAsync.*request-scoped.*injects no request-scoped provider/s),
    });
  });

  it.each<[string, M2MModuleAsyncOptions]>([
    ['a factory', { inject: [Plain], useFactory }],
    ['a factory that injects a transient provider', { inject: [Transient], useFactory }],
    ['a class', { useClass: optionsWith(Plain) }],
  ])('goes on if its options come from %s', async (_name, asyncOptions) => {
    await expect(start(asyncOptions)).resolves.toBeUndefined();
  });
});
