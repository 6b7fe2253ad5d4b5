import { Controller, Get, Req, UseGuards, type INestApplication } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { Test } from '@nestjs/testing';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import passport from 'passport';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { M2MStrategy } from '../../../lib/resource-server/m2m.strategy.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { testAudience, testClientId, TestIssuer } from '../../support/issuer.js';
import { verificationApp, verificationProviders } from './verification-app.js';

@Controller()
class WhoAmI {
  @Get()
  @UseGuards(AuthGuard('m2m'))
  read(@Req() { user }: { user: M2MCaller }): string {
    return user.clientId;
  }
}

function optionsOf(issuer: TestIssuer): M2MModuleOptions {
  const resourceServer = { audience: testAudience, allowedClients: [testClientId] };
  return { authorizationServer: issuer.authorizationServer, resourceServer };
}

async function start(issuer: TestIssuer, adapter: AbstractHttpAdapter): Promise<INestApplication> {
  const providers = verificationProviders(optionsOf(issuer));
  const module = await Test.createTestingModule({ controllers: [WhoAmI], providers }).compile();
  const app = module.createNestApplication(adapter, { logger: false });
  await app.listen(0, '127.0.0.1');
  return app;
}

const registered = (): unknown => (passport as unknown as { _strategy(name: string): unknown })._strategy('m2m');

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])("AuthGuard('m2m') on %s", (_platform, adapter) => {
  let issuer: TestIssuer;
  let app: INestApplication;

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    await issuer.key('EdDSA');
    app = await start(issuer, adapter());
  });
  afterAll(async () => {
    await app.close();
    await issuer.stop();
  });

  const call = async (authorization?: string, where = app): Promise<[number, string]> => {
    const response = await fetch(await where.getUrl(), { headers: authorization ? { authorization } : {} });
    return [response.status, await response.text()];
  };

  it.each(['RS256', 'EdDSA'])('lets a caller in whose token is in order: %s', async (alg) => {
    expect(await call(`Bearer ${await issuer.mint({}, {}, alg)}`)).toEqual([200, testClientId]);
  });

  it.each([
    ['no token', () => undefined],
    ['another scheme', () => 'Basic YTpi'],
    ['no JWT', () => 'Bearer opaque'],
    ['two tokens', async () => `Bearer ${await issuer.mint()} ${await issuer.mint()}`],
    ['an expired token', async () => `Bearer ${await issuer.mint({ exp: 1 })}`],
    ['an expired Edwards token', async () => `Bearer ${await issuer.mint({ exp: 1 }, {}, 'EdDSA')}`],
    ['a forged token', async () => `Bearer ${await issuer.mint({}, { kid: (await issuer.key('EdDSA')).kid })}`],
    ['another client', async () => `Bearer ${await issuer.mint({ client_id: 'other', sub: 'other' })}`],
  ])('keeps out %s', async (_what, authorization) => {
    const [status] = await call(await authorization());
    expect(status).toBe(401);
  });

  it('does not blame the caller for missing keys', async () => {
    await using broken = await TestIssuer.start();
    broken.breakKeySet((response) => response.destroy());
    const other = await start(broken, adapter());
    const [status] = await call(`Bearer ${await broken.mint()}`, other);
    await other.close();
    expect(status).toBe(500);
  });
});

it('a mistake of ours is not blamed on the token', async () => {
  await using issuer = await TestIssuer.start();
  await using app = await verificationApp(optionsOf(issuer));
  const run = Object.create(app.get(M2MStrategy)) as M2MStrategy;
  const outcome = new Promise((resolve) => Object.assign(run, { success: resolve, fail: resolve, error: resolve }));
  run.authenticate({} as never);
  expect(await outcome).toBeInstanceOf(TypeError);
});

describe('two applications in one process', () => {
  it('verify by their own rules, and leave the other one registered when they close', async () => {
    await using one = await TestIssuer.start();
    await using two = await TestIssuer.start();
    const [first, second] = [await verificationApp(optionsOf(one)), await verificationApp(optionsOf(two))];
    const strategyOfSecond = registered();
    const [mine, foreign] = [await one.mint(), await two.mint()];

    await expect(first.get(M2MTokenVerifier).verify(mine)).resolves.toBeDefined();
    await expect(first.get(M2MTokenVerifier).verify(foreign)).rejects.toMatchObject({ reason: 'issuer' });
    await expect(second.get(M2MTokenVerifier).verify(foreign)).resolves.toBeDefined();
    await first.close();
    expect(registered()).toBe(strategyOfSecond);
    await expect(second.get(M2MTokenVerifier).verify(await two.mint())).resolves.toBeDefined();
    await second.close();
    expect(registered()).toBeUndefined();
  });
});
