import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HttpService } from '@nestjs/axios';
import { Inject, Injectable, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { firstValueFrom } from 'rxjs';
import { InjectM2MClient } from '../../../lib/client/inject-m2m-client.decorator.js';
import { InjectM2MHttp } from '../../../lib/client/inject-m2m-http.decorator.js';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import type { M2MClientOptions } from '../../../lib/options/client-options.js';
import { CLIENT_SECRET, TestTokenEndpoint } from '../../support/calling-service.js';
import { json, TestHttpServer } from '../../support/http-server.js';

let endpoint: TestTokenEndpoint;
let api: TestHttpServer;
let application: INestApplicationContext | undefined;

beforeEach(async () => {
  endpoint = await TestTokenEndpoint.start();
  api = await TestHttpServer.start((_, response) => json(response, 200, {}));
});

afterEach(async () => {
  await application?.close();
  application = undefined;
  await Promise.all([endpoint[Symbol.asyncDispose](), api.stop()]);
});

@Injectable()
class Caller {
  constructor(
    @InjectM2MHttp('shop') readonly shop: HttpService,
    @InjectM2MClient('billing') readonly billing: M2MClientService,
    @Inject(M2MClientService) readonly client: M2MClientService,
  ) {}
}

async function start(client: Partial<M2MClientOptions> = {}): Promise<INestApplicationContext> {
  const root = M2MModule.forRoot({
    authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint: endpoint.url },
    client: {
      clientId: 'orders',
      clientSecret: CLIENT_SECRET,
      retry: { attempts: 1 },
      targets: { shop: { url: api.url, scope: 'shop' }, stock: { url: `${api.url}/stock`, scope: 'stock' } },
      clients: { billing: { clientId: 'billing', clientSecret: CLIENT_SECRET, scope: 'bills' } },
      ...client,
    },
  });
  const feature = M2MModule.forFeature({ targets: ['shop'], clients: ['billing'] });
  @Module({ imports: [root, feature], providers: [Caller] })
  class AppModule {}
  application = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  return application;
}

describe('an application', () => {
  it('injects the HttpService of a target and the service of a named client', async () => {
    const { shop, billing, client } = (await start()).get(Caller);
    expect(shop).toBe(client.for('shop'));
    expect(billing).toBe(client.client('billing'));
    await firstValueFrom(shop.get('/products'));
    expect(api.requests[0]?.headers.authorization).toBe('Bearer token-1');
  });

  it('fetches no token at start', async () => {
    await start();
    expect(endpoint.requests).toEqual([]);
  });

  it('counts what tokens cost, client by client', async () => {
    const { client, billing } = (await start()).get(Caller);
    await client.getToken();
    await client.getToken();
    expect(client.stats()).toMatchObject({ tokenRequests: 1, servedFromMemory: 1, waits: 1, failures: 0 });
    expect(billing.stats()).toMatchObject({ tokenRequests: 0 });
  });

  it('completes the events when it ends', async () => {
    const context = await start();
    let completed = false;
    context.get(M2MClientService).events$.subscribe({ complete: () => (completed = true) });
    await context.close();
    expect(completed).toBe(true);
  });
});

describe('warmup', () => {
  it('required: fetches the tokens of all targets of the client, else its own', async () => {
    const billing = { clientId: 'billing', clientSecret: CLIENT_SECRET, scope: 'bills', warmup: 'required' } as const;
    await start({ warmup: 'required', clients: { billing } });
    expect(new Set(endpoint.asked.map(({ scope }) => scope))).toEqual(new Set(['bills', 'shop', 'stock']));
    expect(endpoint.requests).toHaveLength(3);
  });

  it('required: fails the start where a token cannot be had', async () => {
    endpoint.down = true;
    await expect(start({ warmup: 'required' })).rejects.toMatchObject({ code: 'ERR_M2M_TOKEN_ENDPOINT' });
  });

  it('background: starts before the tokens are there', async () => {
    const client = (await start({ warmup: 'background' })).get(M2MClientService);
    await Promise.all([client.getToken({ target: 'shop' }), client.getToken({ target: 'stock' })]);
    expect(endpoint.requests).toHaveLength(2);
  });

  it('background: starts where a token cannot be had', async () => {
    endpoint.down = true;
    await expect(start({ warmup: 'background' })).resolves.toBeDefined();
  });
});
