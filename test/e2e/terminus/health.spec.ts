import { Controller, Get, Inject, type Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { describe, expect, it } from '@jest/globals';
import { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { M2MHealthIndicator, type M2MHealthOptions } from '../../../lib/terminus/index.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { TestTokenEndpoint } from '../../support/calling-service.js';
import { closedGate } from '../../support/closed-gate.js';
import { startGuardedApp, type GuardedAppOptions } from '../../support/guarded-app.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';
import { until } from '../../support/until.js';
import { HealthModule } from './recipes/health.module.js';

const MINUTE = 60_000;
/** Nest 12 has a status for it. */
const DEGRADED = await import('@nestjs/terminus').then(({ HealthIndicatorService }) =>
  'degraded' in new HealthIndicatorService().check('m2m') ? { status: 'degraded' } : { status: 'up', degraded: true },
);

function healthController(options?: M2MHealthOptions): Type {
  @Controller('ready')
  class HealthController {
    constructor(
      @Inject(HealthCheckService) private readonly health: HealthCheckService,
      @Inject(M2MHealthIndicator) private readonly m2m: M2MHealthIndicator,
    ) {}

    @Get()
    @Public()
    ready() {
      return this.health.check([() => this.m2m.isHealthy('m2m', options)]);
    }
  }
  return HealthController;
}

/** An application with a health check, on a clock of its own. */
async function start(options: GuardedAppOptions['options'], health?: M2MHealthOptions) {
  const clock = new TestClock();
  const controllers = [healthController(health)];
  const setup = { options, clock, controllers, imports: [TerminusModule], providers: [M2MHealthIndicator] };
  const running = await startGuardedApp(setup);
  return {
    clock,
    client: running.app.get(M2MClientService),
    verifier: running.app.get(M2MTokenVerifier),
    /** The status of HTTP, and what the indicator says. */
    async ready(): Promise<[number, unknown]> {
      const answer = await fetch(`${running.url}/ready`);
      const { details } = (await answer.json()) as { details: { m2m: unknown } };
      return [answer.status, details.m2m];
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

function clientOf(endpoint: TestTokenEndpoint) {
  return {
    authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint: endpoint.url },
    client: {
      clientId: 'orders',
      clientSecret: 'the-secret-of-the-client',
      retry: { attempts: 1 },
      targets: { shop: { url: 'http://127.0.0.1:2', audience: 'https://shop.test' } },
    },
  };
}

function resourceServerOf(issuer: TestIssuer) {
  const { authorizationServer } = issuer;
  return { authorizationServer, resourceServer: { audience: testAudience, allowedClients: [testClientId] } };
}

function tenant(name: string) {
  return { clientId: name, clientSecret: 'the-secret-of-the-tenant', retry: { attempts: 1 } };
}

function failingLookUp(): Promise<never> {
  return Promise.reject(new Error('the database of tenants is down'));
}

it('HealthModule of the documentation answers readiness, also under a global guard', async () => {
  await using issuer = await TestIssuer.start();
  const providers = [{ provide: APP_GUARD, useExisting: M2MGuard }];
  await using app = await startGuardedApp({ options: resourceServerOf(issuer), imports: [HealthModule], providers });
  const answer = await fetch(`${app.url}/health/ready`);
  expect([answer.status, await answer.json()]).toMatchObject([200, { info: { m2m: { resourceServer: 'up' } } }]);
});

describe('M2MHealthIndicator, outbound', () => {
  it('is up before any token was requested, and sends no request of its own', async () => {
    await using endpoint = await TestTokenEndpoint.start();
    await using app = await start(clientOf(endpoint));
    expect(await app.ready()).toEqual([200, { status: 'up', client: 'up' }]);
    expect(endpoint.requests).toEqual([]);
  });

  it('is degraded while renewals fail, and up when a token came', async () => {
    await using endpoint = await TestTokenEndpoint.start();
    await using app = await start(clientOf(endpoint));
    await app.client.getToken({ target: 'shop' });
    expect(await app.ready()).toEqual([200, { status: 'up', client: 'up' }]);

    endpoint.down = true;
    await app.clock.advance(59.9 * MINUTE);
    await app.client.getToken({ target: 'shop' });
    expect(await app.ready()).toEqual([200, { ...DEGRADED, client: 'degraded' }]);

    endpoint.down = false;
    await app.client.retryNow();
    await app.client.getToken({ target: 'shop', forceRenewal: true });
    expect(await app.ready()).toEqual([200, { status: 'up', client: 'up' }]);
  });

  it('without a token it is degraded, and down if reportDown says so, for a minute after the last attempt', async () => {
    await using endpoint = await TestTokenEndpoint.start();
    await using app = await start(clientOf(endpoint));
    await using strict = await start(clientOf(endpoint), { reportDown: true });
    endpoint.down = true;
    for (const { client } of [app, strict]) await expect(client.getToken()).rejects.toThrow('ECONNRESET');
    expect(await app.ready()).toEqual([200, { ...DEGRADED, client: 'down' }]);
    expect(await strict.ready()).toEqual([503, { status: 'down', client: 'down' }]);

    await strict.clock.advance(MINUTE);
    expect(await strict.ready()).toEqual([200, { ...DEGRADED, client: 'degraded' }]);
    endpoint.down = false;
    await strict.client.getToken();
    expect(await strict.ready()).toEqual([200, { status: 'up', client: 'up' }]);
  });

  it('does not change by what a caller causes: other parameters, and a wait that it ends (claim 7.17)', async () => {
    await using endpoint = await TestTokenEndpoint.start();
    await using app = await start(clientOf(endpoint), { reportDown: true });
    await app.client.getToken();
    endpoint.down = true;
    await expect(app.client.getToken({ scope: 'of:the-caller' })).rejects.toThrow('ECONNRESET');
    endpoint.down = false;
    await app.client.retryNow();
    const { opened, open } = closedGate();
    endpoint.gate = opened;
    const signal = AbortSignal.abort(new Error('the caller has gone'));
    const gone = app.client.getToken({ target: 'shop', signal });
    await expect(gone).rejects.toThrow('the caller has gone');
    const ending = new AbortController();
    const ended = app.client.getToken({ target: 'shop', signal: ending.signal });
    ending.abort(new Error('the caller has gone'));
    await expect(ended).rejects.toThrow('the caller has gone');
    expect(await app.ready()).toEqual([200, { status: 'up', client: 'up' }]);
    open();
  });

  it('is down only if nothing of a half works, which named clients are part of', async () => {
    await using endpoint = await TestTokenEndpoint.start();
    const { authorizationServer, client } = clientOf(endpoint);
    const clients = { billing: tenant('billing') };
    await using app = await start({ authorizationServer, client: { ...client, clients } }, { reportDown: true });
    endpoint.down = true;
    await expect(app.client.client('billing').getToken()).rejects.toMatchObject({ name: 'TokenEndpointError' });
    expect(await app.ready()).toEqual([503, { status: 'down', client: 'down' }]);
    endpoint.down = false;
    await app.client.retryNow();
    await app.client.getToken();
    expect(await app.ready()).toEqual([200, { ...DEGRADED, client: 'degraded' }]);
  });

  it('is not changed by the client of a tenant (claim 7.17)', async () => {
    await using endpoint = await TestTokenEndpoint.start();
    const { authorizationServer, client } = clientOf(endpoint);
    await using app = await start(
      { authorizationServer, client: { ...client, clients: tenant } },
      { reportDown: true },
    );
    endpoint.down = true;
    await expect(app.client.client('tenant-7').getToken()).rejects.toMatchObject({ name: 'TokenEndpointError' });
    expect(await app.ready()).toEqual([200, { status: 'up', client: 'up' }]);
  });
});

it('M2MHealthIndicator has the name in the answer that is asked for, and needs no request for it', async () => {
  await using endpoint = await TestTokenEndpoint.start();
  await using running = await startGuardedApp({
    options: clientOf(endpoint),
    imports: [TerminusModule],
    providers: [M2MHealthIndicator],
  });
  expect(running.app.get(M2MHealthIndicator).isHealthy('tokens')).toEqual({ tokens: { status: 'up', client: 'up' } });
});

describe('M2MHealthIndicator, inbound', () => {
  it('is degraded on an old key set, and down without one that may be used', async () => {
    await using issuer = await TestIssuer.start();
    await using app = await start(resourceServerOf(issuer), { reportDown: true });
    expect(await app.ready()).toEqual([200, { status: 'up', resourceServer: 'up' }]);
    await app.verifier.verify(await issuer.mint());
    issuer.breakKeySet((response) => response.destroy());

    await app.clock.advance(9 * MINUTE);
    await app.verifier.verify(await issuer.mint({ exp: Math.floor(app.clock.wall() / 1000) + 300, iat: undefined }));
    await until(() => app.verifier.stats().keySets[0]?.failedAt !== undefined);
    expect(await app.ready()).toEqual([200, { ...DEGRADED, resourceServer: 'degraded' }]);

    await app.clock.advance(60 * MINUTE);
    expect(await app.ready()).toEqual([200, { ...DEGRADED, resourceServer: 'degraded' }]);
    await app.clock.advance(2 * MINUTE);
    const late = await issuer.mint({ exp: Math.floor(app.clock.wall() / 1000) + 300, iat: undefined });
    await expect(app.verifier.verify(late)).rejects.toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
    expect(await app.ready()).toEqual([503, { status: 'down', resourceServer: 'down' }]);
    await app.clock.advance(MINUTE);
    expect(await app.ready()).toEqual([200, { ...DEGRADED, resourceServer: 'degraded' }]);
  });

  it('is down, for a minute, if no key set could be fetched since the start, also beside a half that is up', async () => {
    await using endpoint = await TestTokenEndpoint.start();
    await using issuer = await TestIssuer.start();
    const { authorizationServer, resourceServer } = resourceServerOf(issuer);
    const outbound = { ...clientOf(endpoint).client, authorizationServer: clientOf(endpoint).authorizationServer };
    const options = { authorizationServer, client: outbound, resourceServer };
    await using app = await start(options, { reportDown: true });
    await app.client.getToken();
    issuer.breakKeySet((response) => response.destroy());
    const verified = app.verifier.verify(await issuer.mint());
    await expect(verified).rejects.toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
    expect(await app.ready()).toEqual([503, { status: 'down', client: 'up', resourceServer: 'down' }]);
    await app.clock.advance(MINUTE);
    expect(await app.ready()).toEqual([200, { ...DEGRADED, client: 'up', resourceServer: 'degraded' }]);
  });

  it('does not change by the fetches that callers cause: unknown kids and bad signatures (claim 7.17)', async () => {
    await using issuer = await TestIssuer.start();
    await using app = await start(resourceServerOf(issuer), { reportDown: true });
    await app.verifier.verify(await issuer.mint());
    issuer.breakKeySet((response) => response.destroy());
    await app.clock.advance(MINUTE);
    const good = await issuer.mint();
    await expect(app.verifier.verify(`${good.slice(0, -8)}AAAAAAAA`)).rejects.toMatchObject({ reason: 'signature' });
    await until(() => app.verifier.stats().keySets[0]?.failedAt !== undefined);
    expect(await app.ready()).toEqual([200, { status: 'up', resourceServer: 'up' }]);
  });

  it('is not changed by the issuer of a tenant (claim 7.17)', async () => {
    await using issuer = await TestIssuer.start();
    const { authorizationServer, resourceServer } = resourceServerOf(issuer);
    const trust = [{ resolve: failingLookUp }];
    await using app = await start({ authorizationServer, resourceServer: { ...resourceServer, trust } });
    await app.verifier.verify(await issuer.mint());
    const token = await issuer.mint({ iss: 'https://tenant.example.com' });
    await expect(app.verifier.verify(token)).rejects.toMatchObject({ code: 'ERR_M2M_KEYS_UNAVAILABLE' });
    expect(await app.ready()).toEqual([200, { status: 'up', resourceServer: 'up' }]);
  });
});
