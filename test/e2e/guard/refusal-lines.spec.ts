import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ConsoleLogger, Controller, Get, UseGuards, type ExecutionContext } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { AllowClients } from '../../../lib/resource-server/authorization/decorators/allow-clients.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { platforms, startGuardedApp, type GuardedApp, type LogLine } from '../../support/guarded-app.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';
import { until } from '../../support/until.js';

@UseGuards(M2MGuard)
@Controller('products')
class ProductsController {
  @Get()
  list(): string {
    return 'list';
  }

  @RequireScopes('admin')
  @Get('admin')
  admin(): string {
    return 'admin';
  }

  @AllowClients('billing')
  @Get('bills')
  bills(): string {
    return 'bills';
  }
}

class Bot {
  answer(): void {}
}

const OTHERS = 'evil\r\nclient\u{1f600}';

async function get({ url }: GuardedApp, path: string, token?: string): Promise<number> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return (await fetch(`${url}/products${path}`, { headers })).status;
}

/** The lines since the last call. */
const taken = ({ log }: GuardedApp): LogLine[] => (log as LogLine[]).splice(0);

describe.each(platforms)('the log of M2MGuard on %s', (platform) => {
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
  });
  afterAll(() => issuer.stop());

  function start(setup: Partial<Parameters<typeof startGuardedApp>[0]> = {}): Promise<GuardedApp> {
    const options = {
      authorizationServer: issuer.authorizationServer,
      resourceServer: { audience: testAudience, allowedClients: [testClientId, OTHERS] },
    };
    return startGuardedApp({ platform, options, controllers: [ProductsController], ...setup });
  }

  it('says why, with values in quotation marks and ASCII, and names verified clients in a field (claim 2.4)', async () => {
    await using app = await start();
    const stranger = await issuer.mint({ client_id: 'stranger', sub: undefined });
    const evil = await issuer.mint({ client_id: OTHERS, sub: undefined });
    const handler = 'ProductsController.bills';
    taken(app);

    expect(await get(app, '/bills', evil)).toBe(403);
    const refused = `@AllowClients does not name the client "evil\\r\\nclient\\ud83d\\ude00" of "${issuer.issuer}"`;
    expect(taken(app)).toEqual([
      {
        level: 'warn',
        text: `M2M-3403 ${handler} answered 403: ${refused}`,
        fields: {
          msg: `M2M-3403 ${handler} answered 403: ${refused}`,
          reason: 'caller-not-allowed',
          handler,
          status: 403,
          client: OTHERS,
          issuer: issuer.issuer,
        },
      },
    ]);

    expect(await get(app, '', stranger)).toBe(403);
    expect(await get(app, '/admin', await issuer.mint())).toBe(403);
    expect(taken(app).map(({ fields }) => fields)).toMatchObject([
      { reason: 'caller-not-allowed', handler: 'ProductsController.list', client: 'stranger' },
      { reason: 'insufficient-scope', handler: 'ProductsController.admin', client: testClientId },
    ]);

    const forged = (await issuer.mint({ client_id: 'admin' })).replace(/.{8}$/, 'AAAAAAAA');
    expect(await get(app, '', forged)).toBe(401);
    expect(await get(app, '', await issuer.mint({ iss: `https://\u{1f600}\r\n${'a'.repeat(3000)}` }))).toBe(401);
    expect(await get(app, '', 'aaa')).toBe(401);
    expect(await get(app, '')).toBe(401);
    const lines = taken(app);
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn', 'debug']);
    expect(lines.map(({ fields }) => fields?.['reason'])).toEqual(['signature', 'issuer', 'malformed', 'absent']);
    for (const { text, fields } of lines) {
      expect(fields).not.toHaveProperty('client');
      expect(text).toMatch(/^[\x20-\x7e]{1,1000}$/);
      expect(text).not.toContain('admin');
    }
  });

  it('writes a repeated refusal of a handler once a minute, and then the number of the others (claim 7.11)', async () => {
    const clock = new TestClock();
    const app = await start({ clock });
    taken(app);
    for (const index of Array(50).keys()) expect(await get(app, '', `bad${index}`)).toBe(401);
    expect(await get(app, '', await issuer.mint({ exp: clock.wall() / 1000 - 180 }))).toBe(401);
    expect(await get(app, '/admin', 'bad')).toBe(401);
    expect(taken(app).map(({ fields }) => [fields?.['handler'], fields?.['reason'], fields?.['repeated']])).toEqual([
      ['ProductsController.list', 'malformed', undefined],
      ['ProductsController.list', 'expired', undefined],
      ['ProductsController.admin', 'malformed', undefined],
    ]);

    await clock.advance(60_000);
    const [count, ...others] = taken(app);
    expect(others).toEqual([]);
    expect(count?.text).toMatch(
      /^M2M-3401 ProductsController\.list answered 401: .* \(the last of 49 more in the last minute\)$/,
    );
    expect(count?.fields).toMatchObject({ reason: 'malformed', repeated: 49 });

    expect([await get(app, '/admin', 'bad'), await get(app, '/admin', 'bad')]).toEqual([401, 401]);
    expect(taken(app)).toHaveLength(1);
    await app.app.close();
    expect(taken(app).map(({ fields }) => fields?.['repeated'])).toEqual([1]);
  });

  it('has an id for a request with two tokens, for a look-up that fails, and for a subscriber that throws', async () => {
    const clock = new TestClock();
    const tenant = 'https://tenant.example.com';
    const found = { name: 'tenant', issuer: tenant, jwks: { keys: [(await issuer.key()).jwk] } };
    let isDown = false;
    const resolve = () =>
      isDown ? Promise.reject(new Error('down')) : { authorizationServer: found, audience: testAudience, scopes: [] };
    const { authorizationServer } = issuer;
    const options = { authorizationServer, resourceServer: { audience: testAudience, trust: [{ resolve }] } };
    await using app = await start({ clock, options });
    taken(app);
    app.app.get(M2MTokenVerifier).events$.subscribe(() => {
      throw new RangeError('no metrics');
    });
    const token = await issuer.mint({ iss: tenant });
    expect([await get(app, '', token), await get(app, '', `${token} ${token}`)]).toEqual([200, 400]);
    isDown = true;
    await clock.advance(61_000);
    expect(await get(app, '', token)).toBe(200);
    await until(() => app.log.length >= 3);
    const seen = taken(app).map(({ level, text }) => `${level} ${text.slice(0, 'M2M-3400'.length)}`);
    expect(seen.toSorted()).toEqual(['error M2M-3004', 'warn M2M-3003', 'warn M2M-3400']);
  });

  it('limits the lines about contexts without a transport, about keys and about answers of 503 (claim 7.11)', async () => {
    const clock = new TestClock();
    await using broken = await TestIssuer.start();
    broken.breakKeySet((response) => response.destroy());
    const options = { authorizationServer: broken.authorizationServer, resourceServer: { audience: testAudience } };
    await using app = await start({ clock, options });
    taken(app);
    const context = new ExecutionContextHost([{}], Bot, Bot.prototype.answer) as ExecutionContextHost &
      ExecutionContext;
    context.setType('telegraf');
    for (const _request of Array(20).keys()) {
      expect(app.app.get(M2MGuard).canActivate(context)).toBe(false);
      expect(await get(app, '', await broken.mint())).toBe(503);
      await clock.advance(1000);
    }
    const lines = taken(app);
    expect(lines.map(({ fields }) => fields?.['reason'])).toEqual(['transport', 'key-set', 'keys-unavailable']);
    expect(lines[1]?.text).toMatch(/^M2M-3002 The key set of "http:\/\/127\.0\.0\.1:\d+" cannot be fetched: "GET .*"$/);
    expect(lines[1]?.fields).toMatchObject({ issuer: broken.issuer });
    expect(lines[2]?.text).toMatch(/^M2M-3503 ProductsController\.list answered 503: /);
    expect(lines[2]?.level).toBe('error');
    await clock.advance(60_000);
    expect(taken(app)).toHaveLength(3);
  });

  it.each([
    ['is one line of JSON with the fields in the ConsoleLogger with json: true', { json: true }],
    ['is one line of text in the ConsoleLogger', { colors: false }],
  ])('%s', async (_what, options) => {
    const written: string[] = [];
    const spy = jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    try {
      await using app = await start({ logger: new ConsoleLogger(options) });
      written.length = 0;
      expect(await get(app, '/admin', await issuer.mint())).toBe(403);
    } finally {
      spy.mockRestore();
    }
    const msg = `M2M-3403 ProductsController.admin answered 403: the client "${testClientId}" has ["read:products"], the route needs ["admin"]`;
    const message = {
      msg,
      reason: 'insufficient-scope',
      handler: 'ProductsController.admin',
      status: 403,
      client: testClientId,
      issuer: issuer.issuer,
    };
    const inJson = { level: 'warn', pid: process.pid, timestamp: expect.any(Number), message, context: 'M2MGuard' };
    expect(written).toHaveLength(1);
    const [line = ''] = written.map((each) => each.trimEnd());
    expect('json' in options ? JSON.parse(line) : line.replace(/^.* WARN /, '')).toEqual(
      'json' in options ? inJson : `[M2MGuard] ${msg}`,
    );
  });
});
