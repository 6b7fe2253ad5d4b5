import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import {
  ConsoleLogger,
  Controller,
  Get,
  Injectable,
  Module,
  UseGuards,
  type INestApplication,
  type ModuleMetadata,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import axios from 'axios';
import request from 'supertest';
import { InjectM2MClient } from '../../lib/client/inject-m2m-client.decorator.js';
import { getM2MHttpToken, InjectM2MHttp } from '../../lib/client/inject-m2m-http.decorator.js';
import { M2MClientService } from '../../lib/client/m2m-client.service.js';
import { m2mConfig } from '../../lib/m2m.config.js';
import { M2MModule } from '../../lib/m2m.module.js';
import type { M2MFeature } from '../../lib/options/module-feature.js';
import type { M2MModuleOptions, M2MOptionsFactory } from '../../lib/options/module-options.js';
import { M2MGuard } from '../../lib/resource-server/m2m.guard.js';
import { M2MHandlerAudit } from '../../lib/resource-server/handler-audit/m2m-handler-audit.js';
import { M2MTokenVerifier } from '../../lib/resource-server/m2m-token-verifier.js';
import { M2MStrategy } from '../../lib/resource-server/m2m.strategy.js';
import { json, TestHttpServer } from '../support/http-server.js';

const authorizationServer = { name: 'down', issuer: 'http://127.0.0.1:9/oidc' };
const client = {
  clientId: 'orders',
  clientSecret: 'top-secret',
  targets: { shop: { url: 'https://shop.example.com' } },
  clients: { billing: { clientId: 'billing', clientSecret: 'top-secret' } },
};
const caller: M2MModuleOptions = { authorizationServer, client };

let app: INestApplication | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function start(metadata: ModuleMetadata): Promise<INestApplication> {
  const testing = await Test.createTestingModule(metadata)
    .setLogger(new ConsoleLogger({ logLevels: [] }))
    .compile();
  app = testing.createNestApplication();
  await app.init();
  return app;
}

@Injectable()
class ShopService {
  constructor(
    @InjectM2MHttp('shop') readonly http: HttpService,
    @InjectM2MClient('billing') readonly billing: M2MClientService,
  ) {}
}

@Injectable()
class BillingUser {
  constructor(@InjectM2MClient('billing') readonly billing: M2MClientService) {}
}

@Module({
  imports: [M2MModule.forFeature({ targets: ['shop'], clients: ['billing'] })],
  providers: [ShopService],
})
class ShopModule {}

@Injectable()
class OptionsFactory implements M2MOptionsFactory {
  createM2MOptions(): M2MModuleOptions {
    return caller;
  }
}

@Module({ providers: [OptionsFactory], exports: [OptionsFactory] })
class OptionsModule {}

@Controller()
@UseGuards(M2MGuard)
class ProductsController {
  @Get('products')
  list(): string[] {
    return [];
  }
}

describe('M2MModule', () => {
  it.each<[string, () => ReturnType<typeof M2MModule.forRoot>]>([
    ['forRoot', () => M2MModule.forRoot(caller)],
    ['forRootAsync with useFactory', () => M2MModule.forRootAsync({ useFactory: async () => caller })],
    ['forRootAsync with useClass', () => M2MModule.forRootAsync({ useClass: OptionsFactory })],
    [
      'forRootAsync with useExisting',
      () => M2MModule.forRootAsync({ imports: [OptionsModule], useExisting: OptionsFactory }),
    ],
  ])('%s makes the client injectable anywhere, while the authorization server is down', async (_, register) => {
    const running = await start({ imports: [register(), ShopModule] });
    const shop = running.get(ShopService, { strict: false });
    expect(shop.http).toBeInstanceOf(HttpService);
    expect(shop.http).toBe(running.get(M2MClientService).for('shop'));
    expect(shop.http).toBe(running.get(getM2MHttpToken('shop'), { strict: false }));
    expect(shop.billing).toBe(running.get(M2MClientService).client('billing'));
  });

  it.each<[string, () => ReturnType<typeof M2MModule.forRoot>]>([
    ['forRootAsync()', () => M2MModule.forRootAsync()],
    ['forRootAsync(m2mConfig.asProvider())', () => M2MModule.forRootAsync(m2mConfig.asProvider())],
  ])('%s reads the environment', async (_, register) => {
    const before = { ...process.env };
    Object.assign(process.env, {
      M2M_ISSUER: 'http://127.0.0.1:9/oidc',
      M2M_CLIENT_ID: 'orders',
      M2M_CLIENT_SECRET: 'top-secret',
      M2M_TARGET_SHOP_URL: 'https://shop.example.com',
    });
    try {
      const running = await start({ imports: [register()] });
      expect(running.get(M2MClientService).for('shop')).toBeInstanceOf(HttpService);
    } finally {
      process.env = before;
    }
  });

  it('stops the start and names every variable that is missing', async () => {
    await expect(start({ imports: [M2MModule.forRootAsync()] })).rejects.toThrow(
      /M2M_ISSUER is missing[^]*M2M_CLIENT_ID/,
    );
  });

  it('stops the start and lists every wrong option (claim 5.1)', async () => {
    const options = { client: { clientId: '', clientSecret: 'top-secret' } };
    await expect(start({ imports: [M2MModule.forRoot(options)] })).rejects.toThrow(
      /2 problems[^]*client.authorizationServer is missing[^]*client.clientId is an empty string/,
    );
  });

  it.each<[string, M2MFeature, RegExp]>([
    ['target', ['shopp'], /shopp[^]*shop[^]*write: "shop"/],
    ['target beside clients', { targets: ['shopp'], clients: ['billing'] }, /shopp[^]*shop[^]*write: "shop"/],
    ['client', { clients: ['biling'] }, /biling[^]*billing[^]*write: "billing"/],
  ])('stops the start for an unknown %s, and lists the known ones', async (_, feature, message) => {
    const imports = [M2MModule.forRoot(caller), M2MModule.forFeature(feature)];
    await expect(start({ imports })).rejects.toMatchObject({
      code: 'ERR_M2M_CONFIGURATION',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, unknown, string, string]>([
    ['a function', { clients: () => undefined }, 'M2MModule.forFeature.clients is a function', "clients: ['billing']"],
    ['one name', { targets: 'shop' }, 'M2MModule.forFeature.targets is a string', "targets: ['shop']"],
    ['a list of something else', [5], 'M2MModule.forFeature.targets is an array whose [0] is 5', "targets: ['shop']"],
    ['a misspelt list', { target: ['shop'] }, 'M2MModule.forFeature.target is not an option', 'targets: ...'],
    ['a text', 'shop', 'M2MModule.forFeature is a string', "M2MModule.forFeature(['shop'])"],
    ['nothing', undefined, 'M2MModule.forFeature is missing', "M2MModule.forFeature(['shop'])"],
  ])('does not take %s for the names of a feature, and says what to write', (_, feature, problem, remedy) => {
    const call = () => M2MModule.forFeature(feature as M2MFeature);
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_M2M_CONFIGURATION' }));
    expect(call).toThrow(problem);
    expect(call).toThrow(remedy);
  });

  it('prints no secret, whatever of it is printed', async () => {
    const resourceServer = {
      authorizationServer: { ...authorizationServer, jwksUri: 'http://127.0.0.1:9/keys?key=top-secret' },
      audience: 'https://orders.example.com',
    };
    const running = await start({ imports: [M2MModule.forRoot({ ...caller, resourceServer }), ShopModule] });
    for (const type of [
      M2MModule,
      M2MClientService,
      M2MGuard,
      M2MTokenVerifier,
      M2MStrategy,
      M2MHandlerAudit,
      ShopService,
    ]) {
      const instance: unknown = running.get<unknown>(type, { strict: false });
      expect(inspect(instance, { depth: null, showHidden: true })).not.toContain('top-secret');
    }
  });

  it('refuses to be registered twice', async () => {
    const imports = [M2MModule.forRoot(caller), M2MModule.forRoot({ ...caller })];
    await expect(start({ imports })).rejects.toThrow(/M2MModule.forRoot is in this application more than once/);
  });

  it('refuses to be registered twice before it looks at what one of the two lacks', async () => {
    @UseGuards(M2MGuard)
    @Controller()
    class Products {
      @Get()
      list(): void {}
    }
    const resourceServer = { audience: 'https://products' };
    const imports = [M2MModule.forRoot(caller), M2MModule.forRoot({ authorizationServer, resourceServer })];
    await expect(start({ imports, controllers: [Products] })).rejects.toThrow(/more than once/);
  });

  it.each([
    ['the module', { providers: [M2MGuard] }, 'M2MModule.forRoot({ ... }) in the root module'],
    ['a target', { providers: [ShopService], imports: [M2MModule.forRoot(caller)] }, "M2MModule.forFeature(['shop'])"],
    ['a client', { providers: [BillingUser] }, "M2MModule.forFeature({ clients: ['billing'] })"],
  ])('lets Nest say what to import where %s is missing', async (_, module, what) => {
    await expect(start(module)).rejects.toThrow(what);
  });

  it('refuses to be imported without options', async () => {
    await expect(start({ imports: [M2MModule] })).rejects.toThrow(/imports: \[M2MModule\] has no options/);
  });

  it('lets a service that only receives calls know how to make them, at the first use', async () => {
    const running = await start({
      imports: [M2MModule.forRoot({ authorizationServer, resourceServer: { audience: 'https://products' } })],
    });
    await expect(running.get(M2MClientService).getToken()).rejects.toMatchObject({ code: 'ERR_M2M_CONFIGURATION' });
  });

  it("sends authorization servers nothing of the application's Axios defaults", async () => {
    await using server = await TestHttpServer.start((_, response) =>
      json(response, 200, { access_token: 'abc', token_type: 'Bearer', expires_in: 60 }),
    );
    axios.defaults.auth = { username: 'mine', password: 'mine' };
    axios.defaults.params = { mine: '1' };
    try {
      const tokenEndpoint = `${server.url}/token`;
      const imports = [M2MModule.forRoot({ authorizationServer: { ...authorizationServer, tokenEndpoint }, client })];
      await (await start({ imports })).get(M2MClientService).getToken();
    } finally {
      delete axios.defaults.auth;
      delete axios.defaults.params;
    }
    const basic = Buffer.from('orders:top-secret').toString('base64');
    expect(server.requests).toMatchObject([{ url: '/token', headers: { authorization: `Basic ${basic}` } }]);
  });

  it.each([null, '', 0])('refuses to get a token for %j', async (asked) => {
    const running = await start({ imports: [M2MModule.forRoot(caller)] });
    const getToken = running.get(M2MClientService).getToken(asked as never);
    await expect(getToken).rejects.toMatchObject({ code: 'ERR_M2M_CONFIGURATION' });
  });

  it('stops the start of a service that guards a route and has no resource server', async () => {
    await expect(start({ imports: [M2MModule.forRoot(caller)], controllers: [ProductsController] })).rejects.toThrow(
      /ProductsController[^]*resourceServer/,
    );
  });

  it('answers 503 with Retry-After on guarded routes while the authorization server is down', async () => {
    const running = await start({
      imports: [M2MModule.forRoot({ authorizationServer, resourceServer: { audience: 'https://products' } })],
      controllers: [ProductsController],
    });
    const now = Math.floor(Date.now() / 1000);
    const parts = [
      { alg: 'RS256', kid: '1', typ: 'at+jwt' },
      { iss: authorizationServer.issuer, aud: 'https://products', iat: now, exp: now + 60, client_id: 'a', sub: 'a' },
    ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
    const response = await request(running.getHttpServer())
      .get('/products')
      .set('Authorization', `Bearer ${parts.join('.')}.${'A'.repeat(342)}`);
    expect(response.status).toBe(503);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(response.headers['www-authenticate']).toBeUndefined();
  });
});
