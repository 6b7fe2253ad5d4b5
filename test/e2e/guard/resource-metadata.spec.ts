import { request as send, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, Get, Header, Param, VersioningType, type INestApplication } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ApiExcludeController, ApiExcludeEndpoint } from '@nestjs/swagger';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';
import { AllowClients } from '../../../lib/resource-server/authorization/decorators/allow-clients.decorator.js';
import { RequireAnyScope } from '../../../lib/resource-server/authorization/decorators/require-any-scope.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { platforms, startGuardedApp, type GuardedApp, type Platform } from '../../support/guarded-app.js';
import { TestIssuer, testClientId } from '../../support/issuer.js';

const RESOURCE = 'https://api.example.com/svc1/mcp';
const PATH = '/.well-known/oauth-protected-resource/svc1/mcp';
const METADATA = `https://api.example.com${PATH}`;

@Controller()
class ProductsController {
  @RequireScopes('read:products')
  @Get('products')
  list(): string {
    return 'products';
  }

  @RequireAnyScope('write:products', 'admin')
  @Get('write')
  write(): string {
    return 'written';
  }

  @AllowClients('partner-of-ours')
  @Get('partners')
  partners(): string {
    return 'partners';
  }

  @RequireScopes('hidden:handler')
  @ApiExcludeEndpoint()
  @Get('hidden')
  hidden(): string {
    return 'hidden';
  }

  @RequireScopes('shown:handler')
  @ApiExcludeEndpoint(false)
  @Get('shown')
  shown(): string {
    return 'shown';
  }
}

@ApiExcludeController()
@Controller('internal')
class InternalController {
  @RequireScopes('hidden:controller')
  @Get()
  list(): string {
    return 'internal';
  }
}

@ApiExcludeController(false)
@Controller('shown-controller')
class ShownController {
  @RequireScopes('shown:controller')
  @Get()
  list(): string {
    return 'shown';
  }
}

@Controller()
class CatchAllController {
  @Header('Access-Control-Allow-Origin', 'https://only.example.com')
  @All('*')
  all(@Param() _params: unknown): string {
    return 'everything';
  }
}

let issuer: TestIssuer;
let partner: TestIssuer;

beforeAll(async () => {
  [issuer, partner] = [await TestIssuer.start(), await TestIssuer.start()];
});

afterAll(() => Promise.all([issuer.stop(), partner.stop()]));

interface Setup {
  readonly platform?: Platform;
  readonly resourceServer?: Partial<M2MResourceServerOptions>;
  readonly isCatchAll?: boolean;
  readonly configure?: (app: INestApplication) => unknown;
}

function start({ platform = 'express', resourceServer, isCatchAll, configure }: Setup = {}): Promise<GuardedApp> {
  const resourceMetadata = { resource: RESOURCE, name: 'Products', documentation: 'https://docs.example.com' };
  const inbound = { audience: RESOURCE, resourceMetadata, ...resourceServer } as M2MResourceServerOptions;
  return startGuardedApp({
    options: { authorizationServer: issuer.authorizationServer, resourceServer: inbound },
    platform,
    controllers: [ProductsController, InternalController, ShownController, ...(isCatchAll ? [CatchAllController] : [])],
    providers: [{ provide: APP_GUARD, useExisting: M2MGuard }],
    ...(configure && { configure }),
  });
}

const metadata = async (app: GuardedApp): Promise<unknown> => (await fetch(app.url + PATH)).json();

async function challengeOf(app: GuardedApp, path: string, claims?: Record<string, unknown>): Promise<string> {
  const token = claims && (await issuer.mint({ aud: RESOURCE, ...claims }));
  const answer = await fetch(`${app.url}/${path}`, token ? { headers: { authorization: `Bearer ${token}` } } : {});
  return `${answer.status} ${answer.headers.get('www-authenticate')}`;
}

/** The headers of an answer to a raw request, whose Host may be anything. */
function headersOf(url: string, method: string, headers: Record<string, string>): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    send(url, { method, headers, agent: false }, (answer) => {
      answer.resume().once('end', () => resolve(answer.headers));
    })
      .once('error', reject)
      .end();
  });
}

describe.each(platforms)('resourceMetadata on %s', (platform) => {
  it('is served to everybody, behind a global guard, a global prefix and versions', async () => {
    await using app = await start({
      platform,
      configure: (each) => {
        each.setGlobalPrefix('api');
        each.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      },
    });
    const answer = await fetch(app.url + PATH);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/^application\/json/),
    ]);
    expect(await answer.json()).toEqual({
      resource: RESOURCE,
      authorization_servers: [issuer.issuer],
      bearer_methods_supported: ['header'],
      resource_name: 'Products',
      resource_documentation: 'https://docs.example.com',
    });
    expect((await fetch(`${app.url}/.well-known/oauth-protected-resource`)).status).toBe(404);
    expect((await fetch(`${app.url}/api/v1/products`)).status).toBe(401);
  });

  it('is served whatever version a header asks for', async () => {
    const versioning = { type: VersioningType.HEADER, header: 'x-version', defaultVersion: '1' } as const;
    await using app = await start({ platform, configure: (each) => each.enableVersioning(versioning) });
    for (const version of ['1', '2']) {
      expect((await fetch(app.url + PATH, { headers: { 'x-version': version } })).status).toBe(200);
    }
  });

  it('answers HEAD and OPTIONS, and lets pages of every origin read', async () => {
    await using app = await start({ platform });
    const origin = { origin: 'https://agent.example.com' };
    const head = await fetch(app.url + PATH, { method: 'HEAD', headers: origin });
    expect([head.status, await head.text(), head.headers.get('access-control-allow-origin')]).toEqual([200, '', '*']);
    const asking = { ...origin, 'access-control-request-headers': 'mcp-protocol-version' };
    const preflight = await fetch(app.url + PATH, { method: 'OPTIONS', headers: asking });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('*');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('GET');
    expect((await fetch(app.url + PATH, { method: 'POST' })).status).toBe(404);
  });

  it('lets pages of every origin read if the application names one', async () => {
    await using app = await start({ platform, configure: (each) => each.enableCors({ origin: 'https://a.example' }) });
    const answer = await fetch(app.url + PATH, { headers: { origin: 'https://agent.example.com' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('leads clients in a page there, if enableCors() exposes the challenge', async () => {
    const cors = { origin: 'https://agent.example.com', exposedHeaders: ['WWW-Authenticate'] };
    await using app = await start({ platform, configure: (each) => each.enableCors(cors) });
    const origin = { origin: cors.origin };
    const asking = { 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' };
    const preflight = await fetch(`${app.url}/products`, { method: 'OPTIONS', headers: { ...origin, ...asking } });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([204, 'authorization']);
    const refused = await fetch(`${app.url}/products`, { headers: origin });
    expect(refused.headers.get('www-authenticate')).toContain(METADATA);
    expect(refused.headers.get('access-control-expose-headers')).toBe('WWW-Authenticate');
  });

  it('is found before a handler that takes every path', async () => {
    await using app = await start({ platform, isCatchAll: true });
    expect(await metadata(app)).toMatchObject({ resource: RESOURCE });
    expect((await fetch(`${app.url}/anything`)).status).toBe(401);
  });

  it('says in 401 and 403 where it is, and in 401 which scopes to request', async () => {
    await using app = await start({ platform });
    const where = `resource_metadata="${METADATA}"`;
    expect(await challengeOf(app, 'products')).toBe(`401 Bearer realm="api", ${where}, scope="read:products"`);
    expect(await challengeOf(app, 'write')).toBe(`401 Bearer realm="api", ${where}, scope="write:products admin"`);
    expect(await challengeOf(app, 'partners')).toBe(`401 Bearer realm="api", ${where}`);
    const expired = await challengeOf(app, 'products', { exp: 1 });
    expect(expired).toMatch(/^401 .*error="invalid_token"/);
    expect(expired.endsWith(`, ${where}, scope="read:products"`)).toBe(true);
    const lacking = await challengeOf(app, 'products', { scope: 'other' });
    expect(lacking).toMatch(/^403 .*error="insufficient_scope"/);
    expect(lacking.endsWith(`, ${where}, scope="read:products"`)).toBe(true);
    const stranger = await challengeOf(app, 'partners', {});
    expect(stranger).toMatch(/^403 /);
    expect(stranger.endsWith(`, ${where}`)).toBe(true);
  });

  it('takes nothing from a request (claim 4.13)', async () => {
    await using app = await start({ platform });
    const hostile = {
      host: 'evil.example.com',
      'x-forwarded-host': 'evil.example.com',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.example.com',
    };
    const refused = await headersOf(`${app.url}/products`, 'GET', hostile);
    expect(refused['www-authenticate']).toContain(`resource_metadata="${METADATA}"`);
    expect(JSON.stringify(refused)).not.toContain('evil');
    const before = await metadata(app);
    const answered = await headersOf(`${app.url}${PATH}?resource=https://evil.example.com`, 'GET', hostile);
    expect(JSON.stringify(answered)).not.toContain('evil');
    expect(await metadata(app)).toEqual(before);
  });
});

describe('resourceMetadata', () => {
  it('changes no challenge of an application without it, and no path', async () => {
    await using app = await start({ resourceServer: { resourceMetadata: undefined } });
    expect(await challengeOf(app, 'products')).toBe('401 Bearer realm="api"');
    expect((await fetch(app.url + PATH)).status).toBe(404);
  });

  it('names the scopes of the options', async () => {
    const scopes = ['write:products', 'read:products'];
    await using app = await start({ resourceServer: { resourceMetadata: { resource: RESOURCE, scopes } } });
    expect(await metadata(app)).toMatchObject({ scopes_supported: scopes });
  });

  it('has no list of scopes if there are none', async () => {
    await using app = await start({ resourceServer: { resourceMetadata: { resource: RESOURCE, scopes: [] } } });
    expect(await metadata(app)).not.toHaveProperty('scopes_supported');
    await using bare = await startGuardedApp({
      options: {
        authorizationServer: issuer.authorizationServer,
        resourceServer: { audience: RESOURCE, resourceMetadata: { resource: RESOURCE, scopes: 'all' } },
      },
    });
    expect(await metadata(bare)).not.toHaveProperty('scopes_supported');
  });

  it('is not in the answer to a request that holds no one token', async () => {
    await using app = await start();
    const answer = await fetch(`${app.url}/products`, { headers: { authorization: 'Bearer' } });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      400,
      expect.not.stringContaining('resource_metadata'),
    ]);
  });

  it('names with scopes: all those of every handler that is not hidden from OpenAPI, and no client (claim 4.13)', async () => {
    const resourceMetadata = { resource: RESOURCE, scopes: 'all' } as const;
    const allowed = { allowedClients: [testClientId] };
    await using app = await start({ resourceServer: { resourceMetadata, ...allowed } });
    const document = await metadata(app);
    expect(document).toMatchObject({
      scopes_supported: ['admin', 'read:products', 'shown:controller', 'shown:handler', 'write:products'],
    });
    expect(JSON.stringify(document)).not.toMatch(/partner-of-ours|test-client/);
  });

  it('names the issuers of the options exactly, and none that a function finds (claim 4.13)', async () => {
    const trusted = { authorizationServer: partner.authorizationServer, audience: RESOURCE, scopes: [] };
    const resolve = (found: string) => ({ authorizationServer: { issuer: found }, audience: RESOURCE, scopes: [] });
    const trust = [trusted, { resolve, allowedHosts: ['127.0.0.1'] }];
    await using app = await start({ resourceServer: { trust } });
    await app.app
      .get(M2MTokenVerifier)
      .verify(await issuer.mint({ iss: 'https://tenant.test' }))
      .catch(() => undefined);
    expect(await metadata(app)).toMatchObject({ authorization_servers: [issuer.issuer, partner.issuer] });
  });

  it('has no list of issuers if a function finds them all', async () => {
    const trust = [{ resolve: () => undefined }];
    await using app = await startGuardedApp({
      options: { resourceServer: { trust, resourceMetadata: { resource: RESOURCE } } },
    });
    expect(await metadata(app)).toEqual({ resource: RESOURCE, bearer_methods_supported: ['header'] });
  });

  it('is that of each application of a process', async () => {
    const resource = 'https://other.example.com';
    await using app = await start();
    await using other = await start({ resourceServer: { audience: resource, resourceMetadata: { resource } } });
    const where = '/.well-known/oauth-protected-resource';
    expect(await (await fetch(other.url + where)).json()).toMatchObject({ resource });
    expect((await fetch(other.url + PATH)).status).toBe(404);
    expect(await metadata(app)).toMatchObject({ resource: RESOURCE });
    expect(await challengeOf(other, 'partners')).toBe(
      `401 Bearer realm="api", resource_metadata="${resource}${where}"`,
    );
  });

  it('is in the answer of M2MTokenVerifier.refuse', async () => {
    const resourceMetadata = { resource: RESOURCE };
    await using app = await start({
      resourceServer: { resourceMetadata },
      configure: (each) => {
        const verifier = each.get(M2MTokenVerifier);
        each.use('/middleware', (request: never, response: never) =>
          verifier.verifyRequest(request).catch((error: unknown) => verifier.refuse(error, response)),
        );
      },
    });
    expect(await challengeOf(app, 'middleware')).toBe(`401 Bearer realm="api", resource_metadata="${METADATA}"`);
  });

  it('is warned of at the start if tokens for the resource would be refused', async () => {
    const trusted = { authorizationServer: partner.authorizationServer, audience: [RESOURCE, 'b'], scopes: [] };
    await using app = await start({ resourceServer: { audience: 'products', trust: [trusted] } });
    const warnings = app.log.filter(({ level, text }) => level === 'warn' && text.includes('resourceMetadata'));
    expect(warnings).toMatchObject([
      {
        level: 'warn',
        text: expect.stringMatching(
          /^M2M-1003 resourceServer\.audience lacks .* Write: audience: \['products', 'https:.*mcp'\]$/,
        ),
      },
    ]);
  });

  it('is warned of at the start beside a target that the token of the caller is relayed to', async () => {
    const credentials = { clientId: 'products', clientSecret: 'a-secret' };
    const target = { url: 'https://shop.example.com', audience: 'https://shop-api' };
    const own = { ...target, url: 'https://stock.example.com' };
    const targets = { shop: { ...target, token: 'relay' }, own } as const;
    await using app = await startGuardedApp({
      options: {
        authorizationServer: issuer.authorizationServer,
        client: { ...credentials, targets },
        resourceServer: { audience: RESOURCE, resourceMetadata: { resource: RESOURCE } },
      },
    });
    expect(app.log.filter(({ level, text }) => level === 'warn' && text.includes('resourceMetadata'))).toMatchObject([
      { level: 'warn', text: expect.stringMatching(/^M2M-1004 client\.targets\.shop\.token is 'relay'/) },
    ]);
  });

  it('is not warned of if the audience of every issuer has the resource', async () => {
    await using app = await start();
    expect(app.log.filter(({ level, text }) => level === 'warn' && text.includes('resourceMetadata'))).toEqual([]);
  });
});
