import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Post, UseGuards } from '@nestjs/common';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { keycloak } from '../../../lib/authorization-servers/keycloak.js';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { optionsFromEnvironment } from '../../../lib/options/options-from-environment.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { ComposeNetwork } from '../../support/compose-network.js';
import { page } from '../../support/documentation.js';
import { startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { ImitatedKeycloak } from '../../support/imitated-keycloak.js';
import { parseYaml } from '../../support/yaml.js';

const SECRET = 'orders-s3cret';

interface ComposeFile {
  readonly services: Record<string, { readonly environment: Record<string, string> }>;
}

async function composeFile(): Promise<ComposeFile> {
  const text =
    page('docs/operations.md')
      .blocks('yaml')
      .find((block) => block.includes('KC_HOSTNAME')) ?? '';
  return (await parseYaml(text)) as ComposeFile;
}

/** The variables of a service, as Compose gives them to its container. */
async function environmentOf(service: string): Promise<Record<string, string>> {
  const { environment = {} } = (await composeFile()).services[service] ?? {};
  const values = Object.entries(environment);
  return Object.fromEntries(values.map(([name, value]) => [name, value.replace('${ORDERS_SECRET:?}', SECRET)]));
}

@Controller('products')
@UseGuards(M2MGuard)
class ProductsController {
  @Get()
  @RequireScopes('read:products')
  list(): string[] {
    return ['tea'];
  }

  @Post()
  @RequireScopes('write:products')
  add(): string[] {
    return [];
  }
}

@Controller('orders')
class OrdersController {
  constructor(@Inject(M2MClientService) private readonly m2m: M2MClientService) {}

  @Get()
  async list(): Promise<unknown> {
    return (await this.m2m.for('products').axiosRef.get<unknown>('/products')).data;
  }

  @Post()
  async add(): Promise<unknown> {
    const response = await this.m2m.for('products').axiosRef.post('/products', {}, { validateStatus: () => true });
    return { status: response.status, challenge: response.headers['www-authenticate'] as unknown };
  }
}

/** The applications of a compose file. */
class Compose implements AsyncDisposable {
  private constructor(
    readonly server: ImitatedKeycloak,
    readonly products: GuardedApp,
    readonly orders: GuardedApp,
  ) {}

  /** @param hostname the public URL of Keycloak */
  static async up(hostname: string, orders: M2MModuleOptions, products: M2MModuleOptions): Promise<Compose> {
    const imitated = await ImitatedKeycloak.start(hostname, SECRET);
    const network = new ComposeNetwork(new Map([['keycloak:8080', imitated.port]]));
    const http = { httpAgent: network };
    const api = await startGuardedApp({ options: { ...products, http }, controllers: [ProductsController] });
    network.ports.set('products:3000', Number(new URL(api.url).port));
    const { client } = orders;
    const target = { url: 'http://products:3000', ...client?.targets?.['products'], http };
    const withNetwork = client && { ...client, targets: { products: target } };
    const caller = await startGuardedApp({
      options: { ...orders, client: withNetwork, http },
      controllers: [OrdersController],
    });
    return new Compose(imitated, api, caller);
  }

  async ask(method: string): Promise<unknown> {
    return (await fetch(`${this.orders.url}/orders`, { method })).json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.orders[Symbol.asyncDispose]();
    await this.products[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

function warnings({ log }: GuardedApp): string[] {
  return log.map(({ text }) => text).filter((text) => text.includes('encrypted'));
}

const REFUSED = {
  status: 403,
  challenge: expect.stringMatching(/error="insufficient_scope".*scope="write:products"$/) as unknown,
};

/** Options in code, for an authorization server that both services know. */
function inCode(authorizationServer: AuthorizationServer): [orders: M2MModuleOptions, products: M2MModuleOptions] {
  const insecureOrigins = ['http://keycloak:8080'];
  const targets = { products: { url: 'http://products:3000' } };
  const client = { clientId: 'orders', clientSecret: () => SECRET, targets };
  return [
    { authorizationServer, client, insecureOrigins: [...insecureOrigins, 'http://products:3000'] },
    { authorizationServer, resourceServer: { audience: 'products' }, insecureOrigins },
  ];
}

describe('the compose file of docs/operations.md', () => {
  it('has a realm at Keycloak that its services name', async () => {
    const { KC_HOSTNAME } = await environmentOf('keycloak');
    const [realm = '{}'] = page('docs/operations.md').blocks('json');
    const { realm: name, clients } = JSON.parse(realm) as { realm: string; clients: { clientId: string }[] };
    for (const service of ['orders', 'products']) {
      expect(await environmentOf(service)).toMatchObject({ M2M_ISSUER: `${KC_HOSTNAME}/realms/${name}` });
    }
    const { M2M_CLIENT_ID } = await environmentOf('orders');
    const { M2M_API_AUDIENCE } = await environmentOf('products');
    expect(clients.map(({ clientId }) => clientId)).toEqual([M2M_API_AUDIENCE, M2M_CLIENT_ID]);
  });

  it('has hosts of its own services only in the URLs that they reach', async () => {
    const { services } = await composeFile();
    const reached = Object.values(services).flatMap(({ environment }) =>
      Object.entries(environment).filter(([name]) => /METADATA_URL|TARGET_.*_URL|INSECURE_ORIGINS/.test(name)),
    );
    const hosts = reached.flatMap(([, value]) => value.split(',').map((url) => new URL(url).hostname));
    expect(new Set(hosts)).toEqual(new Set(['keycloak', 'products']));
    expect(Object.keys(services)).toEqual(['keycloak', 'products', 'orders']);
  });
});

describe('a service in a compose file', () => {
  let proxy: TestHttpServer;
  const before = process.env['http_proxy'];
  beforeAll(async () => {
    proxy = await TestHttpServer.start((_, response) => json(response, 502, {}));
    process.env['http_proxy'] = proxy.url;
  });
  afterAll(async () => {
    if (before === undefined) delete process.env['http_proxy'];
    else process.env['http_proxy'] = before;
    await proxy.stop();
  });

  const setups: [string, string, () => Promise<[M2MModuleOptions, M2MModuleOptions]>][] = [
    [
      'with the environment of docs/operations.md',
      'http://localhost:8080',
      async () => [
        optionsFromEnvironment(await environmentOf('orders')),
        optionsFromEnvironment(await environmentOf('products')),
      ],
    ],
    [
      'with keycloak({ internalUrl })',
      'https://sso.example.com',
      () => {
        const internalUrl = 'http://keycloak:8080';
        return Promise.resolve(inCode(keycloak({ url: 'https://sso.example.com', realm: 'acme', internalUrl })));
      },
    ],
    [
      'with an issuer that nothing encrypts',
      'http://keycloak:8080',
      () => Promise.resolve(inCode(keycloak({ url: 'http://keycloak:8080', realm: 'acme' }))),
    ],
  ];

  it.each(setups)('%s calls another, and is refused what it may not do', async (_name, hostname, optionsOf) => {
    await using compose = await Compose.up(hostname, ...(await optionsOf()));
    expect(await compose.ask('GET')).toEqual(['tea']);
    expect(await compose.ask('POST')).toEqual(REFUSED);

    const hosts = compose.server.requests.map(({ headers }) => headers.host);
    expect(new Set(hosts)).toEqual(new Set(['keycloak:8080']));
    expect(proxy.requests).toEqual([]);
    expect(warnings(compose.products)).toEqual([
      'M2M-1002 http://keycloak:8080 is not encrypted (insecureOrigins): everybody on this network can forge callers',
    ]);
    expect(warnings(compose.orders)).toEqual([
      'M2M-1002 http://keycloak:8080 is not encrypted (insecureOrigins): everybody on this network can forge callers and can read credentials and can read tokens',
      'M2M-1002 http://products:3000 is not encrypted (insecureOrigins): everybody on this network can read tokens',
    ]);
  });
});
