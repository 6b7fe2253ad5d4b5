import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type * as Package from '../../lib/index.js';
import { optionsFromEnvironment } from '../../lib/options/options-from-environment.js';
import { resolveOptions } from '../../lib/options/resolve-options.js';
import { codeIn, MarkdownPage } from '../support/markdown.js';
import { PRODUCTS_API, TestOidcProvider } from '../support/oidc-provider.js';
import { root, TypeCheck } from '../support/type-check.js';

const readme = new MarkdownPage(join(root, 'README.md'));
const pages = [
  'SECURITY.md',
  'CHANGELOG.md',
  'docs/authorization-servers.md',
  'docs/operations.md',
  'docs/fleet.md',
  'docs/migration.md',
];
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
};

const servers = readme.table('## Authorization servers').map(([name = '', factory = '', asked = '']) => ({
  name,
  factory: codeIn(factory)[0] ?? '',
  asked: codeIn(asked)[0] ?? '',
}));
const names = servers.map(({ factory }) => factory.split('(')[0]).join(', ');
const tableOfServers = `
import { ${names}, type M2MTokenOptions, type AuthorizationServer } from 'nestjs-m2m';
export const servers: { server: AuthorizationServer; asked: M2MTokenOptions }[] = [
${servers.map(({ factory, asked }) => `  { server: ${factory}, asked: ${asked} },`).join('\n')}
];`;

const modules = Object.fromEntries([
  ...readme.blocks('ts').map((code, index) => [`test/readme-block-${index + 1}.ts`, code]),
  ...pages.flatMap((page) =>
    new MarkdownPage(join(root, page))
      .blocks('ts')
      .map((code, index) => [`test/${page.replaceAll(/\W/g, '-')}-block-${index + 1}.ts`, code]),
  ),
  ['test/readme-authorization-servers.ts', tableOfServers],
  // As one block imports it from another.
  ['test/products.controller.ts', blockWith('class ProductsController')],
]) as Record<string, string>;

function blockWith(text: string): string {
  const found = readme.blocks('ts').find((code) => code.includes(text));
  if (found === undefined) throw new Error(`README.md has no block with ${text}`);
  return found;
}

describe('the documentation', () => {
  let types: TypeCheck;
  beforeAll(() => {
    types = new TypeCheck(modules);
  }, 60_000);

  it('compiles', () => {
    expect(types.problems()).toEqual([]);
  }, 60_000);

  it.each([
    ['`forRoot` takes:', 'M2MModuleOptions'],
    ['`client`:\n', 'M2MClientOptions'],
    ['`client.targets.<name>`:', 'M2MTarget'],
    ['`resourceServer`:\n', 'M2MResourceServerOptions'],
  ])('names every option after %s', (heading, type) => {
    const options = readme.table(heading).flatMap(([option = '']) => codeIn(option));
    expect(new Set(options.map((option) => option.split('.')[0]))).toEqual(new Set(types.membersOf(type)));
  });

  it.each(['README.md', 'CONTRIBUTING.md', 'docs/testing.md', ...pages])('%s links to what there is', (page) => {
    const links = new MarkdownPage(join(root, page)).links();
    expect(links.filter((link) => !existsSync(join(root, page, '..', link)))).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  const page = new MarkdownPage(join(root, 'docs/operations.md'));

  it.each([
    ['| `type` ', 'lib/client/events.ts', ['client']],
    ['| inbound `type` ', 'lib/resource-server/events.ts', []],
  ])('lists every event with its fields: %s', (heading, file, everywhere) => {
    const source = readFileSync(join(root, file), 'utf8');
    const inherited = /interface TokenEvent \{(.*?)\n\}/s.exec(source)?.[1] ?? '';
    const events = source.matchAll(/(extends TokenEvent )?\{[^{}]*?readonly type: '([\w-]+)'([^{}]*)\}/g);
    const expected = [...events].map(([, extended, type = '', own = '']) =>
      described(type, [...everywhere, ...fieldsOf(extended ? inherited : ''), ...fieldsOf(own)]),
    );
    const listed = page
      .table(heading)
      .map(([type = '', , fields = '']) => described(codeIn(type)[0] ?? '', [...everywhere, ...codeIn(fields)]));
    expect(new Set(listed)).toEqual(new Set(expected));
    expect(listed.length).toBeGreaterThan(4);
  });
});

/** The names of an interface's fields. */
function fieldsOf(members: string): string[] {
  return [...members.matchAll(/readonly (\w+)\??:/g)].map(([, field = '']) => field);
}

function described(type: string, fields: readonly string[]): string {
  return `${type}: ${[...new Set(fields)].toSorted((a, b) => a.localeCompare(b)).join(', ')}`;
}

describe('README.md', () => {
  it('has at most 300 lines', () => {
    expect(readme.text.split('\n').length).toBeLessThanOrEqual(301);
  });

  it('shows commands that exist', () => {
    expect(readme.blocks('sh').slice(0, 2)).toEqual(['npm ci && npm start\n', 'npm ci && npm test\n']);
    expect(manifest.scripts).toMatchObject({ start: expect.any(String), test: expect.any(String) });
  });

  it('installs every peer that a Nest application lacks', () => {
    const inEveryApplication = new Set(['@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs']);
    const needed = Object.keys(manifest.peerDependencies).filter(
      (name) => !inEveryApplication.has(name) && !manifest.peerDependenciesMeta?.[name]?.optional,
    );
    const [, , install = ''] = readme.blocks('sh');
    expect(install.trim().split(' ').slice(2).toSorted()).toEqual(['nestjs-m2m', ...needed].toSorted());
  });

  it('states the defaults', () => {
    const authorizationServer = { name: 'id', issuer: 'https://id.example.com' };
    const { client, resourceServer } = resolveOptions({
      authorizationServer,
      client: { clientId: 'orders', clientSecret: 'secret', targets: { shop: { url: 'https://shop.example.com' } } },
      resourceServer: { audience: 'https://products.example.com' },
    });
    const tables = [
      { heading: '`client`:\n', resolved: client },
      { heading: '`client.targets.<name>`:', resolved: client?.targets[0] },
      { heading: '`resourceServer`:\n', resolved: { ...resourceServer, ...resourceServer?.issuers[0] } },
    ];
    const rows = tables.flatMap(({ heading, resolved }) =>
      readme.table(heading).map(([option = '', , stated]) => ({ option, stated, resolved })),
    );
    const withNumbersOrWords = rows.filter(({ stated = '' }) => /^(?:[\d, ]+|`'.*'`)$/.test(stated));
    expect(withNumbersOrWords.length).toBeGreaterThan(8);
    for (const { option, stated, resolved } of withNumbersOrWords) {
      const value = (resolved as unknown as Record<string, unknown>)[codeIn(option)[0] ?? ''];
      const values = typeof value === 'object' && value !== null ? Object.values(value) : [value];
      expect({ option, stated: stated?.replaceAll(/[`']/g, '') }).toEqual({ option, stated: values.join(', ') });
    }
  });

  it('lists every error code with its class', () => {
    const files = readFileSync(join(root, 'lib/index.ts'), 'utf8').matchAll(/'\.\/(errors\/[\w-]+\.error)\.js'/g);
    const codes = [...files].flatMap(([, file = '']) => {
      const source = readFileSync(join(root, `lib/${file}.ts`), 'utf8');
      const [, name, code] = /class (\w+) extends M2MError .*?code = '(\w+)'/s.exec(source) ?? [];
      return name && code ? [{ name, code }] : [];
    });
    const listed = readme
      .table('## Errors')
      .map(([code = '', name = '']) => ({ name: codeIn(name)[0], code: codeIn(code)[0] }));
    expect(listed.toSorted(byCode)).toEqual(codes.toSorted(byCode));
  });

  it('states the ranges of its peers', () => {
    const inNestRow = new Set(['@nestjs/common', '@nestjs/core']);
    const [, stated = ''] = readme.table('## Compatibility').find(([name]) => name === 'peers') ?? [];
    const peers = Object.entries(manifest.peerDependencies).filter(([name]) => !inNestRow.has(name));
    const ranges = peers.flatMap(([name, range]) => [name, ...range.split(' || ')]);
    expect(new Set(codeIn(stated))).toEqual(new Set([...ranges, 'nestjs-m2m/redis']));
  });

  it('lists every environment variable', () => {
    const listed = readme
      .table('## Configure from the environment')
      .flatMap(([variables = '']) => codeIn(variables))
      .filter((variable) => variable.startsWith('M2M_') && !variable.includes('<NAME>'));
    expect(() => optionsFromEnvironment({ M2M_MISSPELT: '1' })).toThrow(
      `one of ${listed.join(', ')}, M2M_TARGET_<NAME>_URL`,
    );
  });
});

describe('what README.md shows', () => {
  let directory: string;
  const running: INestApplication[] = [];
  const environment = { ...process.env };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'nestjs-m2m-readme-'));
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  });

  afterAll(async () => {
    await Promise.all(running.map((app) => app.close()));
    rmSync(directory, { recursive: true });
    process.env = environment;
  });

  /** Imports a block, with addresses of this machine in place of its own. */
  async function run<Exports>(name: string, code: string, addresses: Record<string, string> = {}): Promise<Exports> {
    const replacements = {
      "'nestjs-m2m'": `'${join(root, 'lib/index.ts')}'`,
      "'nestjs-m2m/testing'": `'${join(root, 'lib/testing/index.ts')}'`,
      ...addresses,
    };
    const file = join(directory, `${name}.ts`);
    const here = Object.entries(replacements).reduce((text, [from, to]) => text.replaceAll(from, to), code);
    writeFileSync(file, here);
    return (await import(file)) as Exports;
  }

  async function start(module: Type): Promise<INestApplication> {
    const app = await NestFactory.create(module, { logger: false, abortOnError: false });
    running.push(app);
    await app.listen(0, '127.0.0.1');
    return app;
  }

  it('runs: one service calls the other, and nobody else can', async () => {
    await using authorizationServer = await TestOidcProvider.start();
    process.env['ORDERS_SECRET'] = 'orders-secret';
    const issuer = { 'https://id.example.com': authorizationServer.issuer };

    const { ProductsModule } = await run<{ ProductsModule: Type }>(
      'api',
      blockWith('class ProductsController'),
      issuer,
    );
    const productsUrl = await (await start(ProductsModule)).getUrl();
    const addresses = { ...issuer, 'https://products.internal/api': productsUrl };
    const { OrdersModule, OrdersService } = await run<{
      OrdersModule: Type;
      OrdersService: Type<{ listProducts(): Promise<{ data: unknown }> }>;
    }>('orders', blockWith('class OrdersService'), addresses);
    const orders = (await start(OrdersModule)).get(OrdersService);

    const { data } = await orders.listProducts();
    expect(data).toEqual([{ name: 'Tea', listedFor: 'orders' }]);
    expect((await fetch(`${productsUrl}/products`)).status).toBe(401);
    expect(authorizationServer.tokenRequests).toBe(1);
  }, 30_000);

  it('runs from the environment', async () => {
    Object.assign(process.env, {
      M2M_ISSUER: 'https://id.example.com',
      M2M_API_AUDIENCE: PRODUCTS_API,
      M2M_CLIENT_ID: 'orders',
      M2M_CLIENT_SECRET: 'orders-secret',
    });
    const { AppModule } = await run<{ AppModule: Type }>('environment', blockWith('forRootAsync()'));
    await expect(start(AppModule)).resolves.toBeDefined();
  });

  it('runs: a test of a guarded controller', async () => {
    await run('products.controller', blockWith('class ProductsController'));
    await expect(run('test', blockWith('M2MTestingModule'))).resolves.toBeDefined();
  });

  it('asks every authorization server in a way that it understands', async () => {
    const { servers: all } = await run<{
      servers: { server: Package.AuthorizationServer; asked: Package.M2MTokenOptions }[];
    }>('servers', tableOfServers);
    for (const { server, asked } of all) {
      const client = {
        clientId: 'orders',
        clientSecret: 'secret',
        targets: { shop: { url: 'https://shop-api', ...asked } },
      };
      expect(() => resolveOptions({ authorizationServer: server, client })).not.toThrow();
    }
    const exported = readFileSync(join(root, 'lib/index.ts'), 'utf8').matchAll(
      /export \{ (\w+)(?:, type \w+)? \} from '\.\/(authorization-servers\/(?!mutual-tls)[\w-]+)\.js'/g,
    );
    const factories = [...exported].filter(([, , file = '']) =>
      readFileSync(join(root, `lib/${file}.ts`), 'utf8').includes('): AuthorizationServer {'),
    );
    expect(new Set(names.split(', '))).toEqual(new Set(factories.map(([, name]) => name)));
  });
});

function byCode(a: { code: string | undefined }, b: { code: string | undefined }): number {
  return (a.code ?? '').localeCompare(b.code ?? '');
}
