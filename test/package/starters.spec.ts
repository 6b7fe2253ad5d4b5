import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestHttpServer, json } from '../support/http-server.js';
import { TestOidcProvider } from '../support/oidc-provider.js';
import { installApplication } from './support/application.js';
import { run } from './support/run.js';
import { startApplication } from './support/running-application.js';
import { compileTypeTests, type Resolution } from './support/type-tests.js';

const nodenext = { module: 'nodenext', moduleResolution: 'nodenext' };
const asEsModule: Resolution = { extension: 'mts', compilerOptions: nodenext };
const asCommonJs: Resolution = { extension: 'cts', compilerOptions: nodenext };
const forBundlers: Resolution = {
  extension: 'ts',
  compilerOptions: { module: 'esnext', moduleResolution: 'bundler' },
};
/** Exports maps are unknown to it, and so are the two declaration files of Axios. TypeScript 6 no longer has it. */
const beforeExportsMaps: Resolution = {
  extension: 'ts',
  compilerOptions: { module: 'commonjs', moduleResolution: 'node10', resolvePackageJsonExports: false },
};

/** What `nest new` makes, with this package in it: Nest 11 in CommonJS with Jest, Nest 12 in ES modules with Vitest. */
describe.each([
  {
    starter: 'nest-11-starter',
    scripts: ['test', 'test:e2e', 'test:typescript-only'],
    resolutions: { asEsModule, asCommonJs, forBundlers, beforeExportsMaps },
  },
  {
    starter: 'nest-12-starter',
    scripts: ['test', 'test:e2e'],
    resolutions: { asEsModule, asCommonJs, forBundlers },
  },
])('$starter', ({ starter, scripts, resolutions }) => {
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

  it.each(scripts)('passes its own npm run %s', async (script) => {
    await expect(run('npm', ['run', script], { cwd: folder, env })).resolves.toContain(script);
  });

  it.each(Object.entries(resolutions))('compiles the type tests, %s', async (_name, resolution) => {
    await expect(compileTypeTests(folder, resolution)).resolves.toBe('');
  });
});
