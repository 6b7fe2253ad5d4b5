import type { DynamicModule, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { M2MModule } from '../../../lib/index.js';
import type { M2MClientOptions, M2MTarget } from '../../../lib/options/client-options.js';
import { M2MTestingModule, type TestAuthorizationServer } from '../../../lib/testing/index.js';

/** An application that calls the target `products`, by the clock of its authorization server. */
export async function ordersApplication(
  server: TestAuthorizationServer,
  products: M2MTarget,
  imports: readonly (Type | DynamicModule)[] = [],
  options: Partial<M2MClientOptions> = {},
): Promise<TestingModule> {
  const targets = { products };
  const client: M2MClientOptions = { clientId: 'orders', clientSecret: 's3cret', targets, ...options };
  const m2m = M2MModule.forRoot({ authorizationServer: server.authorizationServer, client });
  const builder = Test.createTestingModule({ imports: [m2m, ...imports] });
  const application = await M2MTestingModule.override(builder, server).compile();
  application.useLogger(false);
  return application;
}
