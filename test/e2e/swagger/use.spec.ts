import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards, Version, VersioningType, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AuthGuard } from '@nestjs/passport';
import { ApiSecurity, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { M2MGuard, M2MModule, Public, RequireScopes } from '../../../lib/index.js';
import { addM2MSecurity } from '../../../lib/swagger/index.js';
import { startGuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';
import { providers } from './documented-api.js';

@UseGuards(M2MGuard)
@Controller()
class VersionedController {
  @Version('1')
  @RequireScopes('read')
  @Get('products')
  first(): string {
    return 'first';
  }

  @Version('2')
  @RequireScopes('list')
  @Get('products')
  second(): string {
    return 'second';
  }

  @Version('1')
  @Public()
  @Get('prices')
  open(): string {
    return 'open';
  }

  @Version('2')
  @RequireScopes('list')
  @Get('prices')
  guarded(): string {
    return 'guarded';
  }
}

@Controller('shared')
class SharedController {
  @UseGuards(M2MGuard.or('user'))
  @Get()
  list(): string {
    return 'list';
  }
}

@Controller('open')
class OpenController {
  @Public()
  @Get()
  list(): string {
    return 'list';
  }
}

const config = new DocumentBuilder().build();

function completed(app: INestApplication, base: Partial<OpenAPIObject> = {}): OpenAPIObject {
  return addM2MSecurity(SwaggerModule.createDocument(app, { ...config, ...base }), app);
}

function versioned(app: INestApplication): void {
  app.enableVersioning({ type: VersioningType.HEADER, header: 'version', defaultVersion: '1' });
}

describe('addM2MSecurity', () => {
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
  });
  afterAll(() => issuer[Symbol.asyncDispose]());

  function start(...controllers: (typeof VersionedController | typeof OpenController)[]) {
    const { authorizationServer } = issuer;
    const options = { authorizationServer, resourceServer: { audience: testAudience } };
    return startGuardedApp({ options, controllers, configure: versioned });
  }

  it('has as alternatives what the versions of an operation need, if they are not in its path', async () => {
    await using api = await start(VersionedController);
    const { paths } = completed(api.app);
    expect(paths['/products']?.get?.security).toEqual([{ m2m: ['read'] }, { m2m: ['list'] }]);
    expect(paths['/prices']?.get?.security).toEqual([{}, { m2m: ['list'] }]);
  });

  it('requests nothing', async () => {
    await using api = await start(VersionedController);
    const before = issuer.http.requests.length;
    completed(api.app);
    expect(issuer.http.requests.length).toBe(before);
  });

  it('keeps schemes and responses of its names that the document has', async () => {
    await using api = await start(VersionedController);
    const m2m = { type: 'http', scheme: 'bearer' } as const;
    const M2MForbidden = { description: 'ours' };
    const { components, paths } = completed(api.app, {
      components: { securitySchemes: { m2m }, responses: { M2MForbidden } },
    });
    expect(components?.securitySchemes).toEqual({ m2m });
    // OpenAPI 3.0 lists scopes of oauth2 and openIdConnect only.
    expect(paths['/products']?.get?.security).toEqual([{ m2m: [] }]);
    expect(components?.responses).toMatchObject({ M2MForbidden, M2MUnauthorized: {}, M2MServiceUnavailable: {} });
  });

  it('adds the scopes that are needed to a flow of the document, and changes no configuration', async () => {
    await using api = await start(VersionedController);
    const tokenUrl = 'https://login.test/token';
    const flows = { clientCredentials: { tokenUrl, scopes: { read: 'Reads' } } };
    const own = new DocumentBuilder().addOAuth2({ type: 'oauth2', flows }, 'm2m').build();
    const { components } = completed(api.app, own);
    expect(components?.securitySchemes).toMatchObject({
      m2m: { flows: { clientCredentials: { tokenUrl, scopes: { read: 'Reads', list: '' } } } },
    });
    expect(flows.clientCredentials.scopes).toEqual({ read: 'Reads' });
  });

  it('lists the scopes of a flow in the order of the alphabet', async () => {
    const authorizationServer = { ...issuer.authorizationServer, tokenEndpoint: `${issuer.issuer}/token` };
    const options = { authorizationServer, resourceServer: { audience: testAudience } };
    await using api = await startGuardedApp({ options, controllers: [VersionedController], configure: versioned });
    const { m2m } = completed(api.app).components?.securitySchemes ?? {};
    const described = m2m as { flows?: { clientCredentials?: { scopes: object } } };
    expect(Object.keys(described.flows?.clientCredentials?.scopes ?? {})).toEqual(['list', 'read']);
  });

  it('writes into each document responses of its own', async () => {
    await using api = await start(VersionedController);
    const first = completed(api.app).components?.responses?.['M2MForbidden'] as { description: string };
    first.description = 'changed';
    expect(completed(api.app).components?.responses?.['M2MForbidden']).not.toEqual(first);
  });

  it('secures an operation that is written by hand, without responses', async () => {
    await using api = await start(VersionedController);
    const paths = { '/products': { parameters: [], 'x-team': { responses: {} }, get: {} } };
    const document = { ...SwaggerModule.createDocument(api.app, config), paths } as unknown as OpenAPIObject;
    const { get } = addM2MSecurity(document, api.app).paths['/products'] ?? {};
    expect(get?.security).toEqual([{ m2m: ['read'] }, { m2m: ['list'] }]);
    expect(Object.keys(get?.responses ?? {})).toEqual(['401', '403', '503']);
    expect(api.log.filter(({ text }) => text.includes('OpenAPI'))).toEqual([]);
  });

  it('has the security of all operations as the alternative of a handler for users, too', async () => {
    const options = {
      authorizationServer: issuer.authorizationServer,
      resourceServer: { audience: testAudience },
    };
    await using api = await startGuardedApp({ options, controllers: [SharedController], providers });
    const { paths } = completed(api.app, { security: [{ session: [] }] });
    expect(paths['/shared']?.get?.security).toEqual([{ m2m: [] }, { session: [] }]);
  });

  it('describes a scheme that only operations behind a guard of passport name', async () => {
    @Controller('passport')
    class PassportController {
      @ApiSecurity('m2m', ['read'])
      @UseGuards(AuthGuard('m2m'))
      @Get()
      list(): string {
        return 'list';
      }
    }
    const options = {
      authorizationServer: { ...issuer.authorizationServer, tokenEndpoint: `${issuer.issuer}/token` },
      resourceServer: { audience: testAudience },
    };
    await using api = await startGuardedApp({ options, controllers: [PassportController] });
    const { paths, components } = completed(api.app);
    expect(paths['/passport']?.get?.security).toEqual([{ m2m: ['read'] }]);
    expect(components?.securitySchemes).toMatchObject({
      m2m: { flows: { clientCredentials: { scopes: { read: '' } } } },
    });
  });

  it('lifts the security of all operations for public ones, and adds no scheme that none needs', async () => {
    await using api = await start(OpenController);
    const { paths, components } = completed(api.app, { security: [{ key: [] }] });
    expect(paths['/open']?.get?.security).toEqual([]);
    expect(components).not.toHaveProperty('securitySchemes');
  });

  it('warns of operations that no handler answers, and leaves them as they are', async () => {
    await using api = await start(OpenController);
    const other = { get: { responses: {}, security: [{ key: [] }] } };
    const document = SwaggerModule.createDocument(api.app, config);
    addM2MSecurity({ ...document, paths: { ...document.paths, '/other': other } }, api.app);
    expect(other).toEqual({ get: { responses: {}, security: [{ key: [] }] } });
    expect(api.log.filter(({ level }) => level === 'warn').map(({ text }) => text)).toEqual([
      'M2M-1010 No handler of the application answers ["GET /other"] of the OpenAPI document: its security stays as the document has it',
    ]);
  });

  it('names ten of the operations that no handler answers, each quoted in one line', async () => {
    await using api = await start(OpenController);
    const names = Array.from({ length: 11 }, (_, index) => `/other/${index}\n`);
    const paths = Object.fromEntries(names.map((path) => [path, { get: { responses: {} } }]));
    addM2MSecurity({ ...SwaggerModule.createDocument(api.app, config), paths }, api.app);
    const [line] = api.log.filter(({ level }) => level === 'warn').map(({ text }) => text);
    expect(line).toContain(String.raw`["GET /other/0\n", "GET /other/1\n", `);
    expect(line).toContain(String.raw`"GET /other/9\n", and 1 more] of the OpenAPI document`);
  });

  it.each([
    [
      'before the start',
      { authorizationServer: { issuer: 'https://id.test' }, resourceServer: { audience: testAudience } },
      'addM2MSecurity(document, app) was called before the application was initialized',
    ],
    [
      'without resourceServer',
      { client: { accessTokenProvider: () => ({ accessToken: 'token' }) } },
      'resourceServer is not configured, and addM2MSecurity() describes it',
    ],
  ])('%s says what to write', async (_, options, problem) => {
    const module = await Test.createTestingModule({ imports: [M2MModule.forRoot(options)] }).compile();
    const app = module.createNestApplication();
    expect(() => completed(app)).toThrow(problem);
    await app.close();
  });

  it('without M2MModule says what to write', async () => {
    const app = (await Test.createTestingModule({}).compile()).createNestApplication();
    expect(() => completed(app)).toThrow('imports: [M2MModule.forRoot({ ... })]');
    await app.close();
  });
});
