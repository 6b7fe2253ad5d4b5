import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestHttpServer, json } from '../../support/http-server.js';
import { TestOidcProvider } from '../../support/oidc-provider.js';
import { installApplication, type Application } from './application.js';
import { run } from './run.js';
import { startApplication } from './running-application.js';
import { compileTypeTests, type Resolution } from './type-tests.js';

/** An application as `nest new` makes it, with this package in it. */
export interface Starter extends Required<Application> {
  /** Its npm scripts that run its tests. */
  readonly scripts: readonly string[];
  /** How its type checker may resolve this package. */
  readonly resolutions: Readonly<Record<string, Resolution>>;
}

const otherNodes = [22, 24].map((major) => `node-${major}@npm:node-${process.platform}-${process.arch}@${major}`);

export function proveStarter({ scripts, resolutions, ...application }: Starter): void {
  describe(application.name, () => {
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
      folder = await installApplication({ ...application, packages: [...application.packages, ...otherNodes] });
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
      await using running = await startApplication(node, folder, env);
      const get = async (path: string, headers: Record<string, string> = {}) => {
        const response = await fetch(running.url + path, { headers });
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
}
