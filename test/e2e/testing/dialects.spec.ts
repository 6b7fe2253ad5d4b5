import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Delete, Get, UseGuards, type INestApplication, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { firstValueFrom } from 'rxjs';
import request from 'supertest';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import type { TokenRequest } from '../../../lib/client/token-request.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import { optionsFromEnvironment } from '../../../lib/options/options-from-environment.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import {
  asMachine,
  M2MTestingModule,
  TestAuthorizationServer,
  type TestDialectName,
} from '../../../lib/testing/index.js';

const SHOP = 'https://shop.example';
const OTHER = 'https://other.example';

/** `[status, error]` of the token endpoint; the option that is wrong; or the token comes, and the API answers 403. */
type Outcome = [number, string] | { option: string } | '403 of the API';

interface Expectation {
  readonly wrongSecret: Outcome;
  readonly unknownClient: Outcome;
  readonly ungrantedScope: [TokenRequest, Outcome];
  readonly wrongResource: [TokenRequest, Outcome];
  readonly userToken: number;
  /** Whether its tokens name no API, so that the API goes by clients. */
  readonly namesNoApi?: true;
  /** How a scope of the API is written there. */
  readonly prefix?: string;
}

const products: Record<TestDialectName, Expectation> = {
  standard: {
    wrongSecret: [401, 'invalid_client'],
    unknownClient: [401, 'invalid_client'],
    ungrantedScope: [{ scope: 'delete:products' }, [400, 'invalid_scope']],
    wrongResource: [{ resource: OTHER }, [400, 'invalid_target']],
    userToken: 403,
  },
  auth0: {
    wrongSecret: [401, 'access_denied'],
    unknownClient: [401, 'access_denied'],
    ungrantedScope: [{ scope: 'delete:products' }, [403, 'access_denied']],
    wrongResource: [{ audience: OTHER }, [403, 'access_denied']],
    userToken: 403,
  },
  cognito: {
    wrongSecret: [400, 'invalid_client'],
    unknownClient: [400, 'invalid_client'],
    ungrantedScope: [{ scope: `${SHOP}/delete:products` }, [400, 'invalid_scope']],
    wrongResource: [{ scope: `${OTHER}/read:products` }, [400, 'invalid_scope']],
    userToken: 403,
    prefix: `${SHOP}/`,
  },
  logto: {
    wrongSecret: [401, 'invalid_client'],
    unknownClient: [400, 'invalid_client'],
    ungrantedScope: [{ scope: 'delete:products' }, '403 of the API'],
    wrongResource: [{ resource: OTHER }, [400, 'invalid_target']],
    userToken: 403,
  },
  simpleIdServer: {
    wrongSecret: [400, 'invalid_client'],
    unknownClient: [400, 'invalid_client'],
    ungrantedScope: [{ scope: 'delete:products' }, [400, 'invalid_scope']],
    wrongResource: [{ resource: OTHER }, [400, 'invalid_target']],
    userToken: 403,
  },
  keycloak: {
    wrongSecret: [401, 'unauthorized_client'],
    unknownClient: [401, 'invalid_client'],
    ungrantedScope: [{ scope: 'delete:products' }, [400, 'invalid_scope']],
    wrongResource: [{ audience: OTHER }, { option: 'audience' }],
    userToken: 403,
  },
  entraId: {
    wrongSecret: [401, 'invalid_client'],
    unknownClient: [400, 'unauthorized_client'],
    ungrantedScope: [{}, '403 of the API'],
    wrongResource: [{ scope: `${OTHER}/.default` }, [400, 'invalid_resource']],
    userToken: 403,
  },
  okta: {
    wrongSecret: [401, 'invalid_client'],
    unknownClient: [401, 'invalid_client'],
    ungrantedScope: [{ scope: 'delete:products' }, [400, 'invalid_scope']],
    wrongResource: [{ audience: OTHER }, { option: 'audience' }],
    userToken: 403,
  },
  hydra: {
    wrongSecret: [401, 'invalid_client'],
    unknownClient: [401, 'invalid_client'],
    ungrantedScope: [{ scope: 'delete:products' }, [400, 'invalid_scope']],
    wrongResource: [{ audience: OTHER }, [400, 'invalid_request']],
    userToken: 403,
  },
  spring: {
    wrongSecret: [401, 'invalid_client'],
    unknownClient: [401, 'invalid_client'],
    ungrantedScope: [{ scope: 'delete:products' }, [400, 'invalid_scope']],
    // It has no such parameter, and ignores it.
    wrongResource: [{ resource: OTHER }, '403 of the API'],
    // A user's token names no client.
    userToken: 401,
    namesNoApi: true,
  },
  zitadel: {
    wrongSecret: [401, 'invalid_client'],
    unknownClient: [401, 'invalid_client'],
    ungrantedScope: [{}, '403 of the API'],
    wrongResource: [{ scope: `openid urn:zitadel:iam:org:project:id:${OTHER}:aud` }, [400, 'invalid_target']],
    // Its tokens do not tell users from machines, so the API had to say callers: 'any'.
    userToken: 200,
  },
};

/** What a user is told, by the status of the answer. */
const ANSWERS: Readonly<Record<number, RegExp>> = { 401: /Unauthorized/, 403: /this caller is not allowed/ };

function controllerOf(prefix: string): Type {
  @Controller('products')
  @UseGuards(M2MGuard)
  class ProductsController {
    @Get()
    @RequireScopes(`${prefix}read:products`)
    list(): string[] {
      return ['coffee'];
    }

    @Delete()
    @RequireScopes(`${prefix}delete:products`)
    remove(): void {}
  }
  return ProductsController;
}

async function start(options: M2MModuleOptions, controllers: Type[] = []): Promise<INestApplication> {
  const module = await Test.createTestingModule({ imports: [M2MModule.forRoot(options)], controllers }).compile();
  const app = module.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  return app;
}

describe.each(Object.keys(products) as TestDialectName[])('an application against %s', (dialect) => {
  const expected = products[dialect];
  let server: TestAuthorizationServer;
  let api: INestApplication;
  let orders: INestApplication;
  let client: M2MClientService;

  beforeAll(async () => {
    server = await TestAuthorizationServer.start({
      dialect,
      clients: { orders: { secret: 's3cret', scopes: ['read:products'] } },
      resources: { [SHOP]: ['read:products', 'delete:products'] },
    });
    const { authorizationServer } = server;
    const callers = dialect === 'zitadel' ? 'any' : 'machine';
    const accepted = expected.namesNoApi ? { audience: null, allowedClients: ['orders'] } : { audience: SHOP };
    const resourceServer = { ...accepted, callers } as const;
    api = await start({ authorizationServer, resourceServer }, [controllerOf(expected.prefix ?? '')]);
    const asked = server.tokenRequest(SHOP, 'orders');
    const credentials = { clientId: 'orders', clientSecret: 's3cret', ...asked };
    orders = await start({
      authorizationServer,
      client: {
        ...credentials,
        targets: { shop: { url: await api.getUrl() } },
        clients: {
          wrongSecret: { ...credentials, clientSecret: 'nope' },
          unknownClient: { ...credentials, clientId: 'nobody' },
        },
      },
    });
    client = orders.get(M2MClientService);
  });
  afterAll(async () => {
    await orders.close();
    await api.close();
    await server.stop();
  });

  const call = async (method: 'get' | 'delete', token: string): Promise<unknown[]> => {
    const answer = await request(api.getHttpServer())[method]('/products').auth(token, { type: 'bearer' });
    return [answer.status, /error="(\w+)"/.exec(answer.headers['www-authenticate'] ?? '')?.[1]];
  };

  const outcomeOf = async (asked: () => Promise<string>): Promise<Outcome> => {
    const result = await asked().catch((error: unknown) => error as Error);
    if (typeof result === 'string') {
      return (await call('delete', result))[0] === 403 ? '403 of the API' : { option: 'none is wrong' };
    }
    if ('problems' in result) return { option: (result.problems as { option: string }[])[0]!.option };
    const { upstreamStatus, error } = result as Error & { upstreamStatus: number; error: string };
    expect(result).toMatchObject({ code: 'ERR_M2M_TOKEN_REQUEST', message: expect.stringContaining(error) });
    return [upstreamStatus, error];
  };

  it('gets a token and calls a guarded API, with one token request', async () => {
    const calls = [1, 2, 3].map(() => firstValueFrom(client.for('shop').get('/products')));
    expect((await Promise.all(calls)).map(({ data }) => data as unknown)).toEqual([['coffee'], ['coffee'], ['coffee']]);
    server.expectTokenRequests(1);
  });

  it.each(['wrongSecret', 'unknownClient'] as const)('is told of %s', async (name) => {
    expect(await outcomeOf(() => client.client(name).getToken())).toEqual(expected[name]);
  });

  it.each(['ungrantedScope', 'wrongResource'] as const)('is told of %s', async (name) => {
    const [asked, outcome] = expected[name];
    expect(await outcomeOf(() => client.getToken(asked))).toEqual(outcome);
  });

  it('lets in its own machines only', async () => {
    const read = { clientId: 'orders', scope: 'read:products', audience: SHOP };
    expect(await call('get', await server.mint(read))).toEqual([200, undefined]);
    expect(await call('get', await server.mint({ ...read, expiresIn: -60_000 }))).toEqual([401, 'invalid_token']);
    const elsewhere = expected.namesNoApi ? [200, undefined] : [401, 'invalid_token'];
    expect(await call('get', await server.mint({ ...read, audience: OTHER }))).toEqual(elsewhere);
    expect(await call('delete', await server.mint(read))).toEqual([403, 'insufficient_scope']);
    expect((await call('get', await server.mint({ ...read, user: 'alice' })))[0]).toBe(expected.userToken);
  });

  it('says who is refused for being a user', async () => {
    const token = await server.mint({ audience: SHOP, user: 'alice', scope: 'read:products' });
    const { body } = await request(api.getHttpServer()).get('/products').auth(token, { type: 'bearer' });
    expect(JSON.stringify(body)).toMatch(ANSWERS[expected.userToken] ?? /coffee/);
  });
});

it("takes Entra ID's tokens of version 1 too, as the API's registration may want them", async () => {
  await using server = await TestAuthorizationServer.start({ dialect: 'entraId', resources: [SHOP] });
  const { authorizationServer } = server;
  const api = await start({ authorizationServer, resourceServer: { audience: SHOP } }, [controllerOf('')]);
  const iss = server.issuer.replace(/v2\.0$/, '');
  const claims = { iss, ver: '1.0', appid: 'orders', azp: undefined };
  const token = await server.mint({ scope: 'read:products', claims });
  const { status } = await request(api.getHttpServer()).get('/products').auth(token, { type: 'bearer' });
  await api.close();
  expect(status).toBe(200);
});

describe("Spring Authorization Server's tokens, which name no API,", () => {
  const resources = { [SHOP]: ['read:products'] };
  const clients = { orders: 's3cret', billing: 's3cret' };

  it('are accepted by the clients of the server, with the options that it describes', async () => {
    await using server = await TestAuthorizationServer.start({ dialect: 'spring', clients, resources });
    const environment = server.environment();
    expect(environment).toMatchObject({ M2M_API_AUDIENCE: 'none', M2M_API_CLIENTS: 'orders,billing' });
    const api = await start(optionsFromEnvironment(environment), [controllerOf('')]);
    const statusOf = async (clientId: string): Promise<number> => {
      const token = await server.mint({ clientId, scope: 'read:products' });
      return (await request(api.getHttpServer()).get('/products').auth(token, { type: 'bearer' })).status;
    };
    expect([await statusOf('billing'), await statusOf('stranger')]).toEqual([200, 403]);
    await api.close();
  });

  it('name one if a client has the claims that a token customizer adds', async () => {
    const claims = { aud: [SHOP], client_id: 'orders' };
    await using server = await TestAuthorizationServer.start({
      dialect: 'spring',
      clients: { orders: { secret: 's3cret', claims } },
      resources,
    });
    const { authorizationServer } = server;
    const api = await start({ authorizationServer, resourceServer: { audience: SHOP } }, [controllerOf('')]);
    const statusOf = async (more: object): Promise<number> => {
      const token = await server.mint({ scope: 'read:products', ...more });
      return (await request(api.getHttpServer()).get('/products').auth(token, { type: 'bearer' })).status;
    };
    expect([await statusOf({}), await statusOf({ claims: { aud: OTHER } })]).toEqual([200, 401]);
    await api.close();
  });

  it('are accepted by the clients of the server of M2MTestingModule', async () => {
    const module = await Test.createTestingModule({
      imports: [M2MTestingModule.forRoot({ server: { dialect: 'spring', clients, resources } })],
      controllers: [controllerOf('')],
    }).compile();
    const app = module.createNestApplication({ logger: false });
    await app.init();
    const statusAs = async (clientId?: string): Promise<number> => {
      const headers = await asMachine(app, { ...(clientId && { clientId }), scopes: ['read:products'] });
      return (await request(app.getHttpServer()).get('/products').set(headers)).status;
    };
    expect([await statusAs(), await statusAs('stranger')]).toEqual([200, 403]);
    await app.close();
  });
});
