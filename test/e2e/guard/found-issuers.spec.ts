import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import passport from 'passport';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import { M2M_CLOCK } from '../../../lib/options/injection-tokens.js';
import type { TrustedIssuer } from '../../../lib/options/resource-server-options.js';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { platforms, type Platform } from '../../support/guarded-app.js';
import { testAudience, TestIssuer, type TestKey } from '../../support/issuer.js';
import { getPipelined } from '../../support/raw-request.js';

/** Lets everybody in, so that it shows who gets there. */
class EverybodyStrategy extends passport.Strategy {
  override name = 'everybody';

  override authenticate(): void {
    this.success({ name: 'somebody' });
  }
}

@Controller()
class ProductsController {
  @UseGuards(M2MGuard)
  @Get('products')
  list(@Caller() { tenant }: M2MCaller): string {
    return `products of ${tenant}`;
  }

  @UseGuards(M2MGuard.or('everybody'))
  @Get('everything')
  everything(@Caller() caller?: M2MCaller): string {
    return caller ? `machine of ${caller.tenant}` : 'user';
  }
}

const tenantOf = (id: string | number): string => `https://idp.test/tenants/${id}`;

let issuer: TestIssuer;
let key: TestKey;
beforeAll(async () => {
  passport.use(new EverybodyStrategy());
  issuer = await TestIssuer.start();
  key = await issuer.key('EdDSA');
});
afterAll(() => issuer.stop());

/** An API whose tenants are those whose id begins with `good`. */
async function start(platform: Platform) {
  const clock = new TestClock();
  const asked: { readonly issuer: string; readonly at: number }[] = [];
  const state = { running: 0, most: 0, fails: false };
  const resolve = async (name: string): Promise<TrustedIssuer | undefined> => {
    asked.push({ issuer: name, at: clock.monotonic() });
    state.running += 1;
    state.most = Math.max(state.most, state.running);
    await new Promise((done) => setImmediate(done));
    state.running -= 1;
    if (state.fails) throw new Error('down');
    const [, id = ''] = /\/tenants\/(good.*)$/.exec(name) ?? [];
    const authorizationServer = { issuer: name, jwksUri: issuer.jwksUri };
    return id === '' ? undefined : { authorizationServer, audience: testAudience, scopes: [], tenant: id };
  };
  const module = await Test.createTestingModule({
    imports: [M2MModule.forRoot({ resourceServer: { trust: [{ resolve, allowedHosts: ['127.0.0.1'] }] } })],
    controllers: [ProductsController],
  })
    .overrideProvider(M2M_CLOCK)
    .useValue(clock)
    .compile();
  const adapter = platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = module.createNestApplication(adapter, { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const mint = (iss: string, claims = {}): string => {
    const now = clock.wall() / 1000;
    return issuer.mintWith(key, { iss, iat: now, exp: now + 3600, ...claims });
  };
  const get = async (path: string, headers: Record<string, string>) => {
    const answer = await fetch(`${url}/${path}`, { headers });
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: await answer.text() };
  };
  const ask = (path: string, token: string) => get(path, { authorization: `Bearer ${token}` });
  return { clock, asked, state, url, mint, get, ask, [Symbol.asyncDispose]: () => app.close() };
}

describe.each(platforms)('issuers that are found at run time, on %s', (platform) => {
  it('are 10,000 random ones, and good tenants keep passing (claim 7.12)', async () => {
    await using api = await start(platform);
    const known = api.mint(tenantOf('good'));
    expect(await api.ask('products', known)).toMatchObject({ status: 200, body: 'products of good' });
    for (let wave = 0; wave < 10; wave += 1) {
      // One in twenty is good: remembered, or never seen before.
      const requests = Array.from({ length: 1050 }, (_, index) => {
        if (index % 21 > 0) return { token: api.mint(tenantOf(crypto.randomUUID())), isGood: false };
        return { token: index % 2 === 0 ? known : api.mint(tenantOf('good')), isGood: true };
      });
      const shares = [0, 1, 2, 3].map((share) => requests.filter((_, index) => index % 4 === share));
      const answers = shares.map(async (share) => {
        const tokens = share.map(({ token }) => token);
        const statuses = await getPipelined(api.url, tokens);
        expect(statuses).toHaveLength(tokens.length);
        expect(statuses.filter((status, index) => share[index]?.isGood && status !== 200)).toEqual([]);
        expect(statuses.filter((status, index) => !share[index]?.isGood && status !== 401 && status !== 503)).toEqual(
          [],
        );
        return statuses;
      });
      const statuses = (await Promise.all(answers)).flat();
      expect(statuses.filter((status) => status === 401)).toHaveLength(wave === 0 ? 19 : 20);
      await api.clock.advance(12_000);
    }
    const others = api.asked.filter((each) => each.issuer !== tenantOf('good')).map(({ at }) => at);
    expect(others.filter((at, index) => at < (others[index - 20] ?? -Infinity) + 1000)).toEqual([]);
    expect(others).toHaveLength(199);
    expect(api.state.most).toBeLessThanOrEqual(4);
    // Once at first, and again after each minute.
    expect(api.asked.filter((each) => each.issuer === tenantOf('good'))).toHaveLength(2);
  }, 120_000);

  it('are looked up later if there are too many, for machines and beside users (claim 7.12)', async () => {
    await using api = await start(platform);
    const answers = await Promise.all(
      Array.from({ length: 21 }, (_, index) => api.ask('products', api.mint(tenantOf(`good-${index}`)))),
    );
    expect(answers.filter(({ status }) => status === 503)).toMatchObject([{ retryAfter: '1' }]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    for (const path of ['products', 'everything']) {
      expect(await api.ask(path, api.mint(tenantOf('good-x')))).toMatchObject({ status: 503, retryAfter: '1' });
    }
    await api.clock.advance(1000);
    expect(await api.ask('everything', api.mint(tenantOf('good-x')))).toMatchObject({ body: 'machine of good-x' });
  });

  it('are accepted issuers beside users (claim 4.2)', async () => {
    await using api = await start(platform);
    const machine = api.mint(tenantOf('good'));
    expect(await api.ask('everything', machine)).toMatchObject({ status: 200, body: 'machine of good' });
    const refused = [
      ['a machine without a good signature', { authorization: `Bearer ${machine.slice(0, -8)}AAAAAAAA` }, 401],
      ['another scheme', { authorization: `JWT ${machine}` }, 401],
      ['a token in a cookie', { cookie: `session=${machine}` }, 401],
      ['a token of a tenant that was never seen before', { cookie: `session=${api.mint(tenantOf('good-2'))}` }, 401],
      ['two tokens', { authorization: `Bearer ${machine} ${machine}` }, 400],
    ] as const;
    for (const [what, headers, status] of refused) {
      expect({ what, ...(await api.get('everything', headers)) }).toMatchObject({ what, status });
    }
    const user = api.mint(tenantOf('good'), { sub: 'alice', sid: 's' });
    expect(await api.ask('everything', user)).toMatchObject({ status: 200, body: 'user' });
  });

  it('leave tokens of other issuers to the strategy for users', async () => {
    await using api = await start(platform);
    const other = api.mint('https://users.test/');
    expect(await api.ask('everything', other)).toMatchObject({ status: 200, body: 'user' });
    expect(await api.ask('everything', other)).toMatchObject({ status: 200, body: 'user' });
    expect(await api.ask('everything', api.mint('http://users.test/'))).toMatchObject({ status: 200, body: 'user' });
    expect(api.asked.map((each) => each.issuer)).toEqual(['https://users.test/']);
  });

  it('never reach the strategy for users if the function fails (claim 4.2)', async () => {
    await using api = await start(platform);
    api.state.fails = true;
    for (const iss of [tenantOf('good'), 'https://users.test/']) {
      expect(await api.ask('everything', api.mint(iss))).toMatchObject({ status: 503, retryAfter: '1' });
      expect(await api.get('everything', { cookie: `session=${api.mint(iss)}` })).toMatchObject({ status: 503 });
    }
    api.state.fails = false;
    expect(await api.ask('everything', api.mint('https://users.test/'))).toMatchObject({ body: 'user' });
  });
});
