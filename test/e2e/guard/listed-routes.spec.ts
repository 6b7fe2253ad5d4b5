import { describe, expect, it } from '@jest/globals';
import {
  All,
  Controller,
  Delete,
  Get,
  Module,
  Post,
  RequestMethod,
  SetMetadata,
  Version,
  VERSION_NEUTRAL,
  VersioningType,
  type INestApplication,
  type VersioningOptions,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { M2MHandlers } from '../../../lib/resource-server/handler-audit/m2m-handlers.js';
import type { M2MHandler } from '../../../lib/resource-server/handler-audit/listed-handlers.js';
import { Message } from '../../support/audited-classes.js';
import { platforms, startGuardedApp, type GuardedApp, type Platform } from '../../support/guarded-app.js';

const options = {
  authorizationServer: { name: 'down', issuer: 'http://127.0.0.1:9' },
  resourceServer: { audience: 'https://api.test', unguarded: 'allow' },
} as const;

@Controller(['products', 'articles/'])
class ProductsController {
  @Get()
  list(): string {
    return 'list';
  }

  @Post(['new', '/import/'])
  add(): string {
    return 'add';
  }

  @Version('2')
  @Delete(':id')
  remove(): string {
    return 'remove';
  }
}

@Controller({ path: 'versioned', version: ['1', VERSION_NEUTRAL] })
class VersionedController {
  @Get()
  both(): string {
    return 'both';
  }

  @Version(VERSION_NEUTRAL)
  @All('any')
  neutral(): string {
    return 'neutral';
  }
}

@Controller()
class HealthController {
  @Get('health')
  health(): string {
    return 'health';
  }

  @Post('health')
  report(): string {
    return 'report';
  }

  @Get()
  root(): string {
    return 'root';
  }
}

@Controller('stock')
class StockController {
  @Get('levels')
  levels(): string {
    return 'levels';
  }
}

@Module({ controllers: [StockController] })
class ShopModule {}

@Module({ controllers: [StockController] })
class AdminModule {}

const imports = [
  ShopModule,
  AdminModule,
  RouterModule.register([{ path: 'shop', module: ShopModule, children: [{ path: 'admin/', module: AdminModule }] }]),
];
const controllers = [ProductsController, VersionedController, HealthController];

const start = (platform: Platform, configure: (app: INestApplication) => unknown): Promise<GuardedApp> =>
  startGuardedApp({ options, platform, controllers, imports, configure });

const listed = ({ app }: GuardedApp): readonly M2MHandler[] => app.get(M2MHandlers).list();

const byName = (app: GuardedApp): Record<string, Pick<M2MHandler, 'httpMethod' | 'paths' | 'versions'>> =>
  Object.fromEntries(
    listed(app).map(({ method, httpMethod, paths, versions }) => [method, { httpMethod, paths, versions }]),
  );

/** A request for each path and version that the list has, and the handler that answered. */
async function answers(app: GuardedApp, versioning?: VersioningOptions): Promise<[M2MHandler, string, string][]> {
  const answered: [M2MHandler, string, string][] = [];
  for (const handler of listed(app)) {
    const method = handler.httpMethod === 'ALL' ? 'PUT' : handler.httpMethod;
    for (const path of handler.paths ?? []) {
      for (const version of handler.versions ?? [undefined]) {
        const headers = new Headers();
        if (versioning?.type === VersioningType.HEADER && typeof version === 'string') headers.set('x-api', version);
        const answer = await fetch(app.url + path.replace(':id', '7'), { method: method ?? '', headers });
        answered.push([handler, path, `${answer.status < 300} ${await answer.text()}`]);
      }
    }
  }
  return answered;
}

const configurations: [string, VersioningOptions | undefined, (app: INestApplication) => unknown][] = [
  ['nothing', undefined, () => undefined],
  ['a global prefix', undefined, (app) => app.setGlobalPrefix('api')],
  [
    'a global prefix with excluded routes',
    undefined,
    (app) =>
      app.setGlobalPrefix('/api/', {
        exclude: [{ path: 'health', method: RequestMethod.GET }, 'products/{*rest}', 'shop/stock/levels', '/'],
      }),
  ],
  ['versions in the URL', { type: VersioningType.URI }, () => undefined],
  [
    'versions in the URL with a prefix of their own, a default, a global prefix and excluded routes',
    { type: VersioningType.URI, prefix: 'version-', defaultVersion: ['1', '3'] },
    (app) => app.setGlobalPrefix('api', { exclude: ['health', 'versioned/any', 'products/:id'] }),
  ],
  [
    'versions in the URL without a prefix',
    { type: VersioningType.URI, prefix: false, defaultVersion: VERSION_NEUTRAL },
    () => undefined,
  ],
  ['versions in a header', { type: VersioningType.HEADER, header: 'x-api', defaultVersion: '1' }, () => undefined],
];

describe.each(platforms)('the routes of M2MHandlers.list() on %s', (platform) => {
  it.each(configurations)('are those that answer, with %s', async (_name, versioning, configure) => {
    await using app = await start(platform, (made) => {
      if (versioning) made.enableVersioning(versioning);
      configure(made);
    });
    const answered = await answers(app, versioning);
    expect(answered.map(([, path, answer]) => [path, answer])).toEqual(
      answered.map(([handler, path]) => [path, `true ${handler.method}`]),
    );
    expect(answered.length).toBeGreaterThan(12);
  });

  it('have the global prefix, the path of the module, and every path of controller and method', async () => {
    await using app = await start(platform, (made) => made.setGlobalPrefix('api', { exclude: ['health'] }));
    expect(byName(app)).toEqual({
      levels: {
        httpMethod: 'GET',
        paths: ['/api/shop/stock/levels', '/api/shop/admin/stock/levels'],
        versions: undefined,
      },
      list: { httpMethod: 'GET', paths: ['/api/products', '/api/articles'], versions: undefined },
      add: {
        httpMethod: 'POST',
        paths: ['/api/products/new', '/api/products/import', '/api/articles/new', '/api/articles/import'],
        versions: undefined,
      },
      remove: { httpMethod: 'DELETE', paths: ['/api/products/:id', '/api/articles/:id'], versions: undefined },
      both: { httpMethod: 'GET', paths: ['/api/versioned'], versions: undefined },
      neutral: { httpMethod: 'ALL', paths: ['/api/versioned/any'], versions: undefined },
      health: { httpMethod: 'GET', paths: ['/health'], versions: undefined },
      report: { httpMethod: 'POST', paths: ['/health'], versions: undefined },
      root: { httpMethod: 'GET', paths: ['/api'], versions: undefined },
    });
  });

  it('have their versions, in the URL and elsewhere', async () => {
    const uri = { type: VersioningType.URI, defaultVersion: '1' } as const;
    const header = { type: VersioningType.HEADER, header: 'x-api' } as const;
    await using inUrl = await start(platform, (made) => made.enableVersioning(uri));
    await using inHeader = await start(platform, (made) => made.enableVersioning(header));
    expect(byName(inUrl)).toMatchObject({
      list: { paths: ['/v1/products', '/v1/articles'], versions: ['1'] },
      remove: { paths: ['/v2/products/:id', '/v2/articles/:id'], versions: ['2'] },
      both: { paths: ['/v1/versioned', '/versioned'], versions: ['1', VERSION_NEUTRAL] },
      neutral: { paths: ['/versioned/any'], versions: [VERSION_NEUTRAL] },
    });
    expect(byName(inHeader)).toMatchObject({
      list: { paths: ['/products', '/articles'], versions: undefined },
      both: { paths: ['/versioned'], versions: ['1', VERSION_NEUTRAL] },
    });
  });
});

describe('a message handler in M2MHandlers.list()', () => {
  @Controller('orders')
  class OrdersController {
    @Message
    @Get('both')
    both(): void {}

    @SetMetadata('microservices:pattern', [{ cmd: 'sum' }, 'sum'])
    several(): void {}
  }

  it('has its pattern, and no path', async () => {
    await using app = await startGuardedApp({ options, controllers: [OrdersController] });
    const route = { transport: 'http', httpMethod: 'GET', paths: ['/orders/both'], pattern: undefined };
    const none = { transport: 'message', httpMethod: undefined, paths: undefined, versions: undefined };
    expect(listed(app)).toMatchObject([
      { method: 'both', ...route },
      { method: 'both', ...none, pattern: 'x' },
      { method: 'several', ...none, pattern: [{ cmd: 'sum' }, 'sum'] },
    ]);
  });

  it('says with every handler what is absent', async () => {
    await using app = await startGuardedApp({ options, controllers: [OrdersController] });
    const fields = [
      'transport',
      'class',
      'method',
      'conditions',
      'guarded',
      'httpMethod',
      'paths',
      'versions',
      'pattern',
      'userStrategies',
    ];
    for (const each of listed(app)) expect(Object.keys(each).toSorted()).toEqual(fields.toSorted());
  });
});
