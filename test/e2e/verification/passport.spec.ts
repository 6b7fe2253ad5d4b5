import { Controller, Get, Req, UseGuards, type INestApplication } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { Test } from '@nestjs/testing';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import passport from 'passport';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import type { M2MResourceServerEvent } from '../../../lib/resource-server/events/m2m-resource-server-event.js';
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

  @Get('either')
  @UseGuards(AuthGuard(['m2m', 'key']))
  either(): string {
    return 'either';
  }
}

/** Lets in whoever has the key. */
class KeyStrategy extends passport.Strategy {
  override authenticate(request: { headers: object }): void {
    if (Reflect.get(request.headers, 'x-key') === 'open') this.success({ clientId: 'somebody' });
    else this.fail(401);
  }
}

function optionsOf(issuer: TestIssuer): M2MModuleOptions {
  const resourceServer = { audience: testAudience, allowedClients: [testClientId], realm: 'api' };
  return { authorizationServer: issuer.authorizationServer, resourceServer };
}

async function start(
  issuer: TestIssuer,
  adapter: AbstractHttpAdapter,
  configure: (app: INestApplication) => unknown = () => undefined,
): Promise<INestApplication> {
  const providers = verificationProviders(optionsOf(issuer));
  const module = await Test.createTestingModule({ controllers: [WhoAmI], providers }).compile();
  passport.use('key', new KeyStrategy());
  const app = module.createNestApplication(adapter, { logger: false });
  configure(app);
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

  it('publishes why it keeps somebody out, once', async () => {
    const events: M2MResourceServerEvent[] = [];
    const subscription = app.get(M2MTokenVerifier).events$.subscribe((event) => events.push(event));
    await call();
    await call('Bearer');
    await call(`Bearer ${await issuer.mint({ exp: 1 })}`);
    subscription.unsubscribe();
    expect(events).toMatchObject([
      { type: 'token-refused', error: { reason: 'absent' } },
      { type: 'token-refused', error: { reason: 'request' } },
      { type: 'token-refused', error: { reason: 'expired' } },
    ]);
  });

  it('keeps out a token that is bound to a key, whether it is remembered or not', async () => {
    const bound = await issuer.mint({ cnf: { jkt: 'a-thumbprint' } });
    for (const _time of [1, 2]) {
      expect(await call(`Bearer ${bound}`)).toEqual([401, expect.any(String)]);
      await expect(app.get(M2MTokenVerifier).verify(bound)).rejects.toMatchObject({ reason: 'sender-constrained' });
    }
  });

  it('answers 500 in an application that accepts no tokens', async () => {
    const providers = verificationProviders({
      authorizationServer: issuer.authorizationServer,
      client: { clientId: 'shop', clientSecret: 's3cret' },
    });
    const module = await Test.createTestingModule({ controllers: [WhoAmI], providers }).compile();
    const other = module.createNestApplication(adapter(), { logger: false });
    await other.listen(0, '127.0.0.1');
    const answers = [await call(undefined, other), await call('Bearer abc', other)];
    await other.close();
    expect(answers.map(([status]) => status)).toEqual([500, 500]);
  });

  // The last one: it unregisters the strategy.
  it('does not blame the caller for missing keys', async () => {
    await using broken = await TestIssuer.start();
    broken.breakKeySet((response) => response.destroy());
    const other = await start(broken, adapter());
    const [status] = await call(`Bearer ${await broken.mint()}`, other);
    await other.close();
    expect(status).toBe(503);
  });
});

describe("passport.authenticate('m2m') in middleware of Express", () => {
  const noUser = passport.authenticate('m2m', { session: false }) as (...args: unknown[]) => void;
  let issuer: TestIssuer;
  let app: INestApplication;

  const startExpress = (of: TestIssuer): Promise<INestApplication> =>
    start(of, new ExpressAdapter(), (application) => application.use('/plain', noUser));
  beforeAll(async () => {
    issuer = await TestIssuer.start();
    app = await startExpress(issuer);
  });
  afterAll(async () => {
    await app.close();
    await issuer.stop();
  });

  const challenge = async (headers: Record<string, string>, path = '/plain', where = app): Promise<unknown[]> => {
    const response = await fetch(`${await where.getUrl()}${path}`, { headers });
    return [response.status, response.headers.get('www-authenticate')];
  };

  it('answers with the status and the challenge of M2MGuard', async () => {
    const other = await issuer.mint({ client_id: 'other', sub: 'other' });
    const rows = [
      [{}, 401, 'Bearer realm="api"'],
      [{ authorization: 'Bearer' }, 400, expect.stringContaining('error="invalid_request"')],
      [{ authorization: 'Bearer a.b.c' }, 401, expect.stringContaining('error="invalid_token"')],
      [{ authorization: `Bearer ${other}` }, 403, expect.stringContaining('error="insufficient_scope"')],
      [{ authorization: `Bearer ${await issuer.mint()}` }, 404, null],
    ] as const;
    for (const [headers, ...answer] of rows) expect(await challenge(headers)).toEqual(answer);
  });

  it('sends the challenge with the 401 of AuthGuard, and none if another strategy lets the request in', async () => {
    expect(await challenge({}, '/')).toEqual([401, 'Bearer realm="api"']);
    expect(await challenge({}, '/either')).toEqual([401, 'Bearer realm="api"']);
    expect(await challenge({ 'x-key': 'open' }, '/either')).toEqual([200, null]);
  });

  // The last one, too.
  it('answers 503 with Retry-After if there are no keys', async () => {
    await using broken = await TestIssuer.start();
    broken.breakKeySet((response) => response.destroy());
    const other = await startExpress(broken);
    const headers = { authorization: `Bearer ${await broken.mint()}` };
    const answers = await Promise.all(
      ['/plain', '/'].map(async (path) => await fetch(`${await other.getUrl()}${path}`, { headers })),
    );
    await other.close();
    const seen = answers.map((each) => [each.status, each.headers.get('retry-after')]);
    expect(seen).toEqual([
      [503, expect.stringMatching(/^\d+$/)],
      [503, expect.stringMatching(/^\d+$/)],
    ]);
  });
});

it('a mistake of ours is not blamed on the token', async () => {
  await using issuer = await TestIssuer.start();
  await using app = await verificationApp(optionsOf(issuer));
  const run = Object.create(app.get(M2MStrategy)) as M2MStrategy;
  const outcome = new Promise((resolve) => Object.assign(run, { success: resolve, fail: resolve, error: resolve }));
  run.authenticate({} as never);
  expect(await outcome).toBeInstanceOf(M2MConfigurationError);
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
