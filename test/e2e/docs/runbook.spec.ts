import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Module, type Type } from '@nestjs/common';
import { decodeProtectedHeader } from 'jose';
import { LOG_IDS } from '../../../lib/events/log-ids.js';
import {
  M2MClientService,
  M2MModule,
  optionsFromEnvironment,
  oidc,
  type M2MModuleOptions,
} from '../../../lib/index.js';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { blockWith, CodeRunner, page } from '../../support/documentation.js';
import { testAudience, TestIssuer } from '../../support/issuer.js';
import { MemoryTokenStore } from '../../support/memory-token-store.js';
import { root } from '../../support/type-check.js';
import { OrdersController } from './orders.controller.js';
import { answerOf, startModule, type RunningModule } from './running-module.js';

const PAGE = 'docs/runbook.md';
const TENANT = 'https://id.acme.example/shop';
const runbook = page(PAGE);

/** What shows that each secret can be replaced as the page says: a spec, and the title of a test. */
const ROTATIONS: Readonly<Record<string, readonly [spec: string, title: string]>> = {
  'client secret': ['component/client/credential-files', 'with a secret may be replaced while the service runs'],
  'private key (`private_key_jwt`)': [
    'component/client/credential-files',
    'with a private key may be replaced while the service runs',
  ],
  'client certificate (`mutualTls`)': ['component/client/rotation', 'shows a renewed certificate of the same key'],
  'encryption key of the Redis store': ['unit/redis/envelope', 'lives through a change of keys'],
  'secret of `resourceServer.introspection`': [
    'component/resource-server/introspection-failures',
    'asks its secret function again when the secret is refused',
  ],
};

/** The command of the page that contains a text. */
function commandWith(text: string): string {
  const found = runbook.blocks('sh').find((code) => code.includes(text));
  if (found === undefined) throw new Error(`${PAGE} has no command with ${text}`);
  return found;
}

async function startOrders(options: M2MModuleOptions, controllers: Type[] = []): Promise<RunningModule> {
  class AppModule {}
  Module({ imports: [M2MModule.forRoot(options)], controllers: [OrdersController, ...controllers] })(AppModule);
  return startModule(AppModule);
}

describe(PAGE, () => {
  it('says of every id of a log line what it means and what to do, in the order of the ids', () => {
    const rows = runbook.table('## Log lines');
    expect(rows.map(([id]) => id)).toEqual(Object.values(LOG_IDS).map((id) => `\`${id}\``));
    expect(rows.filter((cells) => cells.length !== 4 || cells.includes(''))).toEqual([]);
  });

  it('names no secret whose replacement is not tested', () => {
    expect(runbook.table('## Rotate a secret').map(([what]) => what)).toEqual(Object.keys(ROTATIONS));
    for (const [spec, title] of Object.values(ROTATIONS)) {
      expect(readFileSync(join(root, `test/${spec}.spec.ts`), 'utf8')).toContain(`it('${title}`);
    }
  });

  describe('has a controller of operations, whose command', () => {
    const runner = new CodeRunner();
    let controller: Type;
    let server: TestAuthorizationServer;
    let tenant: TestIssuer;
    let orders: RunningModule;
    let m2m: M2MClientService;
    let tenants: Set<string>;
    const mint = (scope: string) => server.mint({ clientId: 'operator', audience: testAudience, scope });
    const get = (token: string) => answerOf(`${orders.url}/orders`, token);
    /** Runs a command of the page as an operator does. */
    const run = async (text: string, scope = 'operate') => {
      const env = { ...process.env, ORDERS: orders.url, TOKEN: await mint(scope) };
      await promisify(execFile)('sh', ['-c', commandWith(text)], { env });
    };

    beforeAll(async () => {
      const block = blockWith(PAGE, 'class OperationsController');
      ({ OperationsController: controller } = await runner.run<{ OperationsController: Type }>('runbook', block));
    });
    afterAll(() => runner[Symbol.dispose]());

    beforeEach(async () => {
      tenants = new Set(['acme', TENANT]);
      tenant = await TestIssuer.start();
      server = await TestAuthorizationServer.start({
        clients: { orders: 's3cret-of-orders', 'acme-orders': 's3cret-of-acme' },
        resources: { [testAudience]: ['operate'] },
      });
      const { authorizationServer } = server;
      const found = { ...oidc({ issuer: TENANT }), jwksUri: tenant.jwksUri };
      const trust = {
        allowedHosts: ['127.0.0.1'],
        resolve: (issuer: string) =>
          tenants.has(issuer) ? { authorizationServer: found, audience: testAudience, scopes: [] } : undefined,
      };
      const clients = (name: string) =>
        tenants.has(name) ? { clientId: `${name}-orders`, clientSecret: `s3cret-of-${name}` } : undefined;
      orders = await startOrders(
        {
          authorizationServer,
          client: { clientId: 'orders', clientSecret: 's3cret-of-orders', retry: { attempts: 1 }, clients },
          resourceServer: { audience: testAudience, trust: [trust] },
        },
        [controller],
      );
      m2m = orders.app.get(M2MClientService);
    });
    afterEach(async () => {
      await orders[Symbol.asyncDispose]();
      await server.stop();
      await tenant[Symbol.asyncDispose]();
    });

    it('ends the pauses', async () => {
      server.fail({ status: 429, headers: { 'retry-after': '3600' } });
      await expect(m2m.getToken()).rejects.toThrow('429');
      await expect(m2m.getToken()).rejects.toThrow('The next attempt is made in');
      await run('/operations/pauses');
      await expect(m2m.getToken()).resolves.toEqual(expect.any(String));
    });

    it('drops a key', async () => {
      const token = await mint('');
      await server.rotateKeys();
      expect(await get(await mint(''))).toEqual([200, 'orders']);
      await server.dropKey(decodeProtectedHeader(token).kid);
      expect(await get(token)).toEqual([200, 'orders']);
      await run('/operations/keys');
      expect(await get(token)).toEqual([401, '']);
    });

    it('drops an issuer', async () => {
      const token = await tenant.mint({ iss: TENANT });
      expect(await get(token)).toEqual([200, 'orders']);
      tenants.delete(TENANT);
      expect(await get(token)).toEqual([200, 'orders']);
      await run('/operations/issuers');
      expect(await get(token)).toEqual([401, '']);
    });

    it('drops the client of a tenant', async () => {
      await m2m.client('acme').getToken();
      tenants.delete('acme');
      await m2m.client('acme').getToken();
      await run('/operations/clients');
      await expect(m2m.client('acme').getToken()).rejects.toThrow('acme');
    });

    it('is refused without the scope of operators', async () => {
      for (const what of ['pauses', 'keys', 'issuers', 'clients']) {
        await expect(run(`/operations/${what}`, '')).rejects.toMatchObject({ stderr: expect.stringContaining('403') });
      }
    });
  });

  it('blocks a client by the variable that it shows', async () => {
    await using server = await TestAuthorizationServer.start({ clients: { billing: 'b', thief: 't' } });
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      `${commandWith('M2M_API_CLIENTS')}echo "$M2M_API_CLIENTS"`,
    ]);
    const options = optionsFromEnvironment({
      M2M_PROVIDER: 'oidc',
      M2M_ISSUER: server.issuer,
      M2M_API_AUDIENCE: server.resources[0],
      M2M_API_CLIENTS: stdout.trim(),
    });
    await using orders = await startOrders(options);
    const statusOf = async (clientId: string) =>
      (await answerOf(`${orders.url}/orders`, await server.mint({ clientId })))[0];
    expect([await statusOf('billing'), await statusOf('thief')]).toEqual([200, 403]);
  });

  it('may say that a version before passes over what it does not know in the token store', async () => {
    await using server = await TestAuthorizationServer.start({ clients: { orders: 's3cret' } });
    const tokenStore = new MemoryTokenStore();
    tokenStore.get = () => Promise.resolve({ value: '{"format":"of a later version"}', remaining: 60_000 });
    const { authorizationServer } = server;
    await using orders = await startOrders({
      authorizationServer,
      client: { clientId: 'orders', clientSecret: 's3cret', tokenStore },
      resourceServer: { audience: testAudience },
    });
    await expect(orders.app.get(M2MClientService).getToken()).resolves.toEqual(expect.any(String));
  });
});
