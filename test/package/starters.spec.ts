import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestHttpServer, json } from '../support/http-server.js';
import { TestOidcProvider } from '../support/oidc-provider.js';
import { installApplication } from './support/application.js';
import { run } from './support/run.js';
import { startApplication } from './support/running-application.js';

/** What `nest new` makes, with this package in it: Nest 11 in CommonJS with Jest, Nest 12 in ES modules with Vitest. */
describe.each(['nest-11-starter', 'nest-12-starter'])('%s', (starter) => {
  let authorizationServer: TestOidcProvider;
  let productsApi: TestHttpServer;
  let folder: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    authorizationServer = await TestOidcProvider.start();
    productsApi = await TestHttpServer.start(({ headers }, response) =>
      json(response, 200, { authorization: headers.authorization }),
    );
    env = { ISSUER: authorizationServer.issuer, PRODUCTS_URL: productsApi.url };
    folder = await installApplication(starter, 'shared');
    await run('npm', ['run', 'build'], { cwd: folder });
  });

  afterAll(async () => {
    await productsApi.stop();
    await authorizationServer.stop();
  });

  it.each([
    ['this Node', process.execPath],
    ['Node 22', 'node_modules/node-22/bin/node'],
    ['Node 24', 'node_modules/node-24/bin/node'],
  ])('runs on %s', async (_version, node) => {
    await using application = await startApplication(node, folder, env);
    const get = async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(application.url + path, { headers });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };

    const { authorization } = (await get('/orders')).body;
    const credentials = { authorization: String(authorization) };
    expect(await get('/products', credentials)).toEqual({ status: 200, body: { caller: 'orders' } });
    expect(await get('/products/write', credentials)).toMatchObject({ status: 403 });
    expect(await get('/products')).toMatchObject({ status: 401 });
    expect(await get('/orders/identity')).toEqual({ status: 200, body: { m2m: true, nest: true } });
  });

  it.each(['test', 'test:e2e'])('passes its own npm run %s', async (script) => {
    await expect(run('npm', ['run', script], { cwd: folder, env })).resolves.toContain(script);
  });
});
