import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, ForbiddenException, Get, Injectable, Req, UseGuards, type ExecutionContext } from '@nestjs/common';
import { PassportModule, PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import type { M2MRequest } from '../../../lib/resource-server/transports/m2m-request.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';
import { platforms, startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';

@Injectable()
class HookedGuard extends M2MGuard {
  protected override isPublic(context: ExecutionContext): boolean {
    return context.getHandler().name === 'hooked' || super.isPublic(context);
  }
}

/** What isUser was asked about. */
const asked: unknown[] = [];

function isSpa(claims: Readonly<Record<string, unknown>>): boolean {
  asked.push(claims);
  return claims['client_id'] === 'spa';
}

function failing(): never {
  throw new RangeError('s3cret');
}

/** The handlers that ran although a strategy had answered by itself. */
const reached: string[] = [];

@RequireScopes('read:products')
@Controller()
class ProductsController {
  @UseGuards(M2MGuard.or('user-jwt'))
  @Get('products')
  list(@Req() { user, account }: M2MRequest & { account?: unknown }, @Caller() caller?: M2MCaller): object {
    return { user: caller ? undefined : user, account, clientId: caller?.clientId };
  }

  @UseGuards(HookedGuard.or('user-jwt'))
  @Get('hooked')
  hooked(): string {
    return 'hooked';
  }

  @Public()
  @UseGuards(M2MGuard.or('user-jwt'))
  @Get('public')
  public(): string {
    return 'public';
  }

  @UseGuards(M2MGuard.or('user-jwt', { isUser: isSpa }))
  @Get('told')
  told(): string {
    return 'told';
  }

  @UseGuards(M2MGuard.or('user-jwt', { isUser: (claims) => Promise.resolve(isSpa(claims)) }))
  @Get('told-later')
  toldLater(): string {
    return 'told';
  }

  @UseGuards(M2MGuard.or('user-jwt', { isUser: () => 'yes' as unknown as boolean }))
  @Get('told-wrongly')
  toldWrongly(): string {
    return 'told';
  }

  @UseGuards(M2MGuard.or('user-jwt', { isUser: failing }))
  @Get('told-failing')
  toldFailing(): string {
    return 'told';
  }

  @UseGuards(M2MGuard.or('user-jwt', { isUser: () => Promise.reject(new RangeError('s3cret')) }))
  @Get('told-rejecting')
  toldRejecting(): string {
    return 'told';
  }

  @UseGuards(M2MGuard.or('undecided'))
  @Get('undecided')
  undecided(): string {
    return 'undecided';
  }

  @UseGuards(M2MGuard.or('elsewhere'))
  @Get('elsewhere')
  elsewhere(): string {
    reached.push('elsewhere');
    return 'elsewhere';
  }

  @UseGuards(M2MGuard.or('nobody-registered-this'))
  @Get('broken')
  broken(): string {
    return 'broken';
  }
}

/** Lax, as such strategies are: any issuer and audience, tokens from anywhere, machines' tokens too. */
function userStrategy(keys: ReadonlyMap<string, string>) {
  @Injectable()
  class UserStrategy extends PassportStrategy(Strategy, 'user-jwt') {
    constructor() {
      super({
        jwtFromRequest: ExtractJwt.fromExtractors([
          ExtractJwt.fromAuthHeaderAsBearerToken(),
          ExtractJwt.fromAuthHeaderWithScheme('jwt'),
          ExtractJwt.fromUrlQueryParameter('access_token'),
        ]),
        secretOrKeyProvider: (_request: unknown, token: string, done: (error: null, key?: string) => void) => {
          const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
          const [, issuer = ''] = /"iss":"([^"]*)"/.exec(payload) ?? [];
          done(null, keys.get(issuer));
        },
      });
    }

    validate({ sub }: { sub: string }): object | false {
      if (sub === 'banned') throw new ForbiddenException('banned');
      return sub === 'nobody' ? false : { name: sub };
    }
  }
  return UserStrategy;
}

/** Decides nothing, as strategies do that only restore something. */
class UndecidedStrategy extends passport.Strategy {
  override name = 'undecided';

  override authenticate(): void {
    this.pass();
  }
}

/** Sends users away to log in. */
class ElsewhereStrategy extends passport.Strategy {
  override name = 'elsewhere';

  override authenticate(): void {
    this.redirect('https://login.test');
  }
}

async function pemOf(issuer: TestIssuer): Promise<[issuer: string, pem: string]> {
  const { privateKey } = await issuer.key();
  return [issuer.issuer, createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }) as string];
}

const NO_CREDENTIALS = 'Bearer realm="api"';
const INVALID_TOKEN = `${NO_CREDENTIALS}, error="invalid_token", error_description="the access token is not valid here"`;

describe.each(platforms)('M2MGuard.or on %s', (platform) => {
  let issuer: TestIssuer;
  let partner: TestIssuer;
  let guarded: GuardedApp;
  beforeAll(async () => {
    passport.use(new UndecidedStrategy());
    passport.use(new ElsewhereStrategy());
    [issuer, partner] = await Promise.all([TestIssuer.start(), TestIssuer.start()]);
    guarded = await startGuardedApp({
      platform,
      options: {
        authorizationServer: issuer.authorizationServer,
        resourceServer: { audience: testAudience, realm: 'api' },
      },
      controllers: [ProductsController],
      providers: [userStrategy(new Map([await pemOf(issuer), await pemOf(partner)]))],
    });
  });
  afterAll(async () => {
    await guarded[Symbol.asyncDispose]();
    await Promise.all([issuer.stop(), partner.stop()]);
  });

  const get = (path: string, authorization?: string): Promise<Response> =>
    fetch(`${guarded.url}/${path}`, authorization === undefined ? {} : { headers: { authorization } });

  type Claims = Record<string, unknown>;
  const user = { sub: 'alice', client_id: 'spa', aud: 'https://elsewhere.test', auth_time: 1_700_000_000 };

  it.each<[string, Claims, object]>([
    ['a machine', {}, { clientId: testClientId }],
    ['a user of the same issuer', user, { user: { name: 'alice' } }],
  ])('lets %s in', async (_name, claims, body) => {
    const answer = await get('products', `Bearer ${await issuer.mint(claims)}`);
    expect(await answer.json()).toEqual(body);
  });

  it('lets a user of another issuer in', async () => {
    const answer = await get('products', `Bearer ${await partner.mint({ sub: undefined })}`);
    expect(await answer.json()).toEqual({ user: {} });
  });

  const expired = { exp: Math.floor(Date.now() / 1000) - 600 };
  it.each<[string, Claims, number, RegExp | string]>([
    ['a machine without the scope', { scope: 'other' }, 403, /error="insufficient_scope"/],
    ['a machine with a token for another API', { aud: 'https://elsewhere.test' }, 401, INVALID_TOKEN],
    ['a machine without a client id', { client_id: undefined, sub: undefined }, 401, INVALID_TOKEN],
    ['a machine that names two clients', { azp: 'another' }, 401, INVALID_TOKEN],
    ['an expired machine', expired, 401, INVALID_TOKEN],
    ['an expired user', { ...user, ...expired }, 401, INVALID_TOKEN],
    ['a user that its strategy does not know', { ...user, sub: 'nobody' }, 401, INVALID_TOKEN],
  ])('refuses %s', async (_name, claims, status, challenge) => {
    const answer = await get('products', `Bearer ${await issuer.mint(claims)}`);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('www-authenticate')).toMatch(challenge);
  });

  it('refuses a machine whose token only a lenient reader takes', async () => {
    const token = await issuer.mint({ scope: '' });
    const last = token.at(-1) === 'A' ? 'B' : String.fromCodePoint((token.codePointAt(-1 + token.length) ?? 0) + 1);
    const sloppy = `${token.slice(0, -1)}${last}`;
    expect((await get('products', `Bearer ${sloppy}`)).status).toBe(401);
  });

  it('does not take a machine for a user that comes by the query', async () => {
    const machine = await issuer.mint({ scope: '' });
    const alice = await issuer.mint(user);
    expect(await (await get(`products?access_token=${alice}`)).json()).toEqual({ user: { name: 'alice' } });
    const answer = await get(`products?access_token=${machine}`);
    expect({ status: answer.status, challenge: answer.headers.get('www-authenticate') }).toEqual({
      status: 401,
      challenge: NO_CREDENTIALS,
    });
  });

  it.each<[string | undefined, number, string]>([
    [undefined, 401, NO_CREDENTIALS],
    ['Basic dTpw', 401, NO_CREDENTIALS],
    ['Bearer opaque', 401, INVALID_TOKEN],
    [
      'Bearer a b',
      400,
      `${NO_CREDENTIALS}, error="invalid_request", error_description="one access token is needed, in one Authorization header"`,
    ],
  ])('answers %j', async (authorization, status, challenge) => {
    const answer = await get('products', authorization);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('www-authenticate')).toBe(challenge);
  });

  it('refuses malformed credentials that the strategy for users would take', async () => {
    const alice = await issuer.mint(user);
    for (const authorization of [`Bearer ${alice} x`, `Bearer ${alice} ${await issuer.mint()}`]) {
      expect((await get('products', authorization)).status).toBe(400);
    }
  });

  it('leaves to the strategy for users what another scheme brings of another issuer only', async () => {
    expect((await get('products', `JWT ${await partner.mint()}`)).status).toBe(200);
    expect((await get('products', `JWT ${await issuer.mint(user)}`)).status).toBe(401);
  });

  it('holds a token that does not tell to the rules of machines, unless isUser says that it is a user', async () => {
    const untold = { sub: 'f0e1', scope: 'admin' };
    const spa = await issuer.mint({ ...untold, client_id: 'spa' });
    const service = await issuer.mint({ ...untold, client_id: 'orders' });
    const statuses = async (path: string): Promise<number[]> =>
      Promise.all([spa, service].map(async (token) => (await get(path, `Bearer ${token}`)).status));
    expect(await statuses('products')).toEqual([403, 403]);
    expect(await statuses('told')).toEqual([200, 403]);
    expect(await statuses('told-later')).toEqual([200, 403]);
    expect(await statuses('told-wrongly')).toEqual([403, 403]);
  });

  it('does not ask isUser about what the token tells', async () => {
    asked.length = 0;
    expect((await get('told', `Bearer ${await issuer.mint(user)}`)).status).toBe(200);
    expect((await get('told', `Bearer ${await issuer.mint({ scope: '' })}`)).status).toBe(403);
    expect(asked).toEqual([]);
  });

  it.each(['told-failing', 'told-rejecting'])('answers 503 if isUser fails (claim 6.4): %s', async (path) => {
    const answer = await get(path, `Bearer ${await issuer.mint({ sub: 'f0e1' })}`);
    expect({ status: answer.status, body: await answer.text() }).toEqual({
      status: 503,
      body: expect.not.stringContaining('s3cret'),
    });
    const log = guarded.log.map(({ text }) => text).join('\n');
    expect(log).toContain('the function M2MGuard.or.isUser failed with RangeError');
    expect(log).not.toContain('s3cret');
  });

  it('is one class for the same guard, name and isUser', () => {
    expect(M2MGuard.or('user-jwt')).toBe(M2MGuard.or('user-jwt'));
    expect(M2MGuard.or('user-jwt', {})).toBe(M2MGuard.or('user-jwt'));
    expect(M2MGuard.or('user-jwt', { isUser: isSpa })).toBe(M2MGuard.or('user-jwt', { isUser: isSpa }));
    const others = [M2MGuard.or('x'), HookedGuard.or('user-jwt'), M2MGuard.or('user-jwt', { isUser: isSpa })];
    expect(others).not.toContain(M2MGuard.or('user-jwt'));
    expect(() => M2MGuard.or('user-jwt', { isUser: 'spa' as never })).toThrow(
      "M2MGuard.or('user-jwt', { isUser: ({ client_id }) => client_id === 'spa' })",
    );
  });

  it("passes on what the users' strategy throws", async () => {
    const answer = await get('products', `Bearer ${await issuer.mint({ ...user, sub: 'banned' })}`);
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 403,
      body: { message: 'banned' },
    });
    expect((await get('broken')).status).toBe(500);
  });

  it.each<[string | undefined, string]>([
    [undefined, NO_CREDENTIALS],
    ['Bearer opaque', INVALID_TOKEN],
  ])("lets nobody in where the users' strategy does not decide over %j", async (authorization, challenge) => {
    const answer = await get('undecided', authorization);
    expect({ status: answer.status, challenge: answer.headers.get('www-authenticate') }).toEqual({
      status: 401,
      challenge,
    });
  });

  it("lets nobody in whom the users' strategy sends elsewhere", async () => {
    const answer = await fetch(`${guarded.url}/elsewhere`, { redirect: 'manual' });
    expect({ isLetIn: answer.ok, reached }).toEqual({ isLetIn: false, reached: [] });
  });

  it('lets a user in whom PassportModule keeps elsewhere than in request.user', async () => {
    await using other = await startGuardedApp({
      platform,
      options: { authorizationServer: issuer.authorizationServer, resourceServer: { audience: testAudience } },
      imports: [PassportModule.register({ property: 'account' })],
      controllers: [ProductsController],
      providers: [userStrategy(new Map([await pemOf(issuer), await pemOf(partner)]))],
    });
    const headers = { authorization: `Bearer ${await issuer.mint(user)}` };
    const answer = await fetch(`${other.url}/products`, { headers });
    expect(await answer.json()).toEqual({ account: { name: 'alice' } });
  });

  it('keeps the hooks of a guard that it is made of, and @Public', async () => {
    expect((await get('hooked')).status).toBe(200);
    expect((await get('public')).status).toBe(200);
  });

  it('tells events$ of a user that was refused', async () => {
    const events: unknown[] = [];
    guarded.app.get(M2MTokenVerifier).events$.subscribe((event) => events.push(event));
    await get('products', 'Bearer opaque');
    expect(events).toMatchObject([{ type: 'token-refused', error: { reason: 'user' } }]);
  });
});
