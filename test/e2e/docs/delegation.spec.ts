import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { NoCallerTokenError } from '../../../lib/errors/no-caller-token.error.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestAuthorizationServer } from '../../../lib/testing/test-authorization-server.js';
import { blockWith, CodeRunner } from '../../support/documentation.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { verificationApp } from '../verification/verification-app.js';
import { answerOf, startModule } from './running-module.js';

const PAGE = 'docs/delegation.md';

describe(PAGE, () => {
  const runner = new CodeRunner();
  let server: TestAuthorizationServer;
  let products: TestHttpServer;
  beforeAll(async () => {
    process.env['ORDERS_SECRET'] = 'orders-secret';
    server = await TestAuthorizationServer.start({
      clients: {
        website: { resources: ['https://orders-api'] },
        'orders-service': { secret: 'orders-secret', resources: ['https://products-api'] },
      },
      resources: { 'https://orders-api': ['read:orders'], 'https://products-api': ['read:products'] },
      signingAlg: 'ES256',
    });
    products = await TestHttpServer.start((request, response) => {
      json(response, 200, { token: request.headers.authorization?.slice('Bearer '.length) });
    });
  });
  afterAll(async () => {
    delete process.env['ORDERS_SECRET'];
    runner[Symbol.dispose]();
    await products.stop();
    await server.stop();
  });

  it('calls the target for the user who calls with the module that it shows', async () => {
    const block = blockWith(PAGE, 'class OrdersController');
    const here = { 'https://id.example.com': server.issuer, 'https://products.example.com': products.url };
    const { AppModule } = await runner.run<{ AppModule: Type }>('delegation', block, here);
    await using orders = await startModule(AppModule);
    const token = await server.mint({ clientId: 'website', user: 'alice', audience: 'https://orders-api' });
    const [status, body] = await answerOf(`${orders.url}/orders`, token);
    expect(status).toBe(200);
    const sent = (JSON.parse(body) as { token: string }).token;
    await using app = await verificationApp({
      authorizationServer: server.authorizationServer,
      resourceServer: { audience: 'https://products-api', callers: 'any', allowedClients: ['orders-service'] },
    });
    const caller = await app.get(M2MTokenVerifier).verify(sent);
    expect(caller).toMatchObject({ subject: 'alice', clientId: 'orders-service', audience: ['https://products-api'] });
    expect(await answerOf(`${orders.url}/orders`)).toEqual([401, '']);
  });

  it('shows options of a relay, and of an API behind Keycloak, that can start', async () => {
    for (const text of ["token: 'relay'", 'keycloak({']) {
      const block = blockWith(PAGE, text);
      const { options } = await runner.run<{ options: M2MModuleOptions }>(`options-${text.length}`, block);
      expect(() => resolveOptions(options)).not.toThrow();
    }
  });

  it('shows a check that knows the error of a request without a caller', async () => {
    const block = blockWith(PAGE, 'hasNoCaller');
    const { hasNoCaller } = await runner.run<{ hasNoCaller(error: unknown): boolean }>('no-caller', block);
    expect([hasNoCaller(new NoCallerTokenError('none')), hasNoCaller(new TypeError('a bug'))]).toEqual([true, false]);
  });
});
