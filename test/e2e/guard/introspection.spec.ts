import { Controller, Get, UseGuards } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import passport from 'passport';
import { mutualTls } from '../../../lib/client-authentication/tls-client-auth.js';
import type { M2MIntrospectionOptions } from '../../../lib/options/introspection-options.js';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { TestAuthorizationServer } from '../../../lib/testing/test-authorization-server.js';
import { selfSignedCertificate } from '../../support/certificates.js';
import { platforms, startGuardedApp } from '../../support/guarded-app.js';

@Controller()
class ProductsController {
  @UseGuards(M2MGuard)
  @Get('products')
  products(@Caller('clientId') clientId: string): string {
    return clientId;
  }

  @UseGuards(M2MGuard.or('every-user', { isUser: () => true }))
  @Get('either')
  either(@Caller('clientId') clientId: string | undefined): string {
    return clientId ?? 'a user';
  }
}

const products = { clientId: 'products-api', clientSecret: 'products-secret' };

describe.each(platforms)('M2MGuard with introspection on %s', (platform) => {
  let server: TestAuthorizationServer;
  beforeAll(async () => {
    passport.use('every-user', {
      authenticate(this: { success(user: object): void }) {
        this.success({ name: 'ada' });
      },
    } as passport.Strategy);
    const clients = { orders: { tokenFormat: 'opaque' as const }, 'products-api': 'products-secret' };
    server = await TestAuthorizationServer.start({ clients, resources: ['api'], signingAlg: 'ES256' });
  });
  afterAll(async () => {
    passport.unuse('every-user');
    await server.stop();
  });
  beforeEach(() => server.clearRequests());

  const start = (introspection: M2MIntrospectionOptions = products) =>
    startGuardedApp({
      platform,
      controllers: [ProductsController],
      options: {
        authorizationServer: server.authorizationServer,
        resourceServer: { audience: 'api', introspection },
      },
    });

  it('lets an opaque token in, and refuses one that is not active', async () => {
    await using app = await start();
    const ask = (token: string) => fetch(`${app.url}/products`, { headers: { authorization: `Bearer ${token}` } });
    const token = await server.mint();
    expect(await (await ask(token)).text()).toBe('orders');
    expect(await (await ask(token)).text()).toBe('orders');
    expect(server.requests('introspection')).toHaveLength(1);
    const refused = await ask('never-issued');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('invalid_token');
    expect(app.log.map(({ text }) => text).join()).toContain('is not active, or not for this client');
  });

  it('answers 503 if its own secret is refused, and the log says what to do (claim 3.12)', async () => {
    await using app = await start({ ...products, clientSecret: 'wrong' });
    const authorization = `Bearer ${await server.mint()}`;
    const answer = await fetch(`${app.url}/products`, { headers: { authorization } });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.text()).not.toContain('products-api');
    const line = app.log.find(({ level }) => level === 'error');
    expect(line?.text).toContain(
      'check clientId, clientSecret and clientAuthentication in resourceServer.introspection',
    );
    expect(line?.text).not.toContain('wrong');
  });

  it('holds every opaque token to the rules of machines under M2MGuard.or (claim 4.12)', async () => {
    await using app = await start();
    const ask = async (authorization?: string) => {
      const answer = await fetch(`${app.url}/either`, { headers: authorization ? { authorization } : {} });
      return answer.status === 200 ? await answer.text() : answer.status;
    };
    expect(await ask(`Bearer ${await server.mint()}`)).toBe('orders');
    expect(await ask('Bearer never-issued')).toBe(401);
    expect(await ask(`Bearer ${await server.mint({ user: 'ada', claims: { sid: 's' } })}`)).toBe(403);
    expect(await ask()).toBe('a user');
    await server.goDown();
    expect(await ask('Bearer another-token')).toBe(503);
    await server.comeBack();
  });

  it('leaves opaque tokens with another prefix to the users under M2MGuard.or', async () => {
    await using app = await start({ ...products, tokenPrefix: 'at_' });
    const headers = { authorization: 'Bearer session-of-ada' };
    expect(await (await fetch(`${app.url}/either`, { headers })).text()).toBe('a user');
    expect((await fetch(`${app.url}/either`, { headers: { authorization: 'Bearer at_1' } })).status).toBe(401);
  });
});

describe('M2MGuard with introspection over mutual TLS', () => {
  it('shows the certificate of its own client', async () => {
    const [own, client] = [selfSignedCertificate('own'), selfSignedCertificate('products-api')];
    const clients = { orders: { tokenFormat: 'opaque' }, 'products-api': { certificate: client.cert } } as const;
    await using server = await TestAuthorizationServer.start({ tls: own, clients, resources: ['api'] });
    const clientAuthentication = mutualTls({ ...client, ca: own.cert });
    await using app = await startGuardedApp({
      controllers: [ProductsController],
      options: {
        authorizationServer: server.authorizationServer,
        resourceServer: { audience: 'api', introspection: { clientId: 'products-api', clientAuthentication } },
      },
    });
    const headers = { authorization: `Bearer ${await server.mint()}` };
    expect(await (await fetch(`${app.url}/products`, { headers })).text()).toBe('orders');
  });
});
