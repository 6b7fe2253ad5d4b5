import { EventEmitter } from 'node:events';
import { Agent, get as httpGet, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Post, Res, UseGuards, type INestApplication } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import passport from 'passport';
import { currentCallerToken } from '../../../lib/caller/caller-context.js';
import { presentCallerToken } from '../../../lib/caller/caller-token.js';
import { CallerToken, M2MGuard, OptionalToken, Public, isM2MError } from '../../../lib/index.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { currentRequest } from '../../../lib/request-context/request-context.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { closedGate } from '../../support/closed-gate.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';
import { platforms, startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';
import { until } from '../../support/until.js';

/** The token that a handle stands for now, or the code of the error. */
async function tokenOf(handle: CallerToken | undefined = currentCallerToken()): Promise<string> {
  if (!handle) return 'none';
  return presentCallerToken(handle).then(
    ({ value }) => value,
    (error: unknown) => (isM2MError(error) ? error.code : 'another error'),
  );
}

const ENDED = 'ERR_M2M_NO_CALLER_TOKEN';

/** What handlers wait for, and what they leave behind. */
let gate: ReturnType<typeof closedGate>;
let left: { handle?: CallerToken | undefined; ran: Promise<string>[]; asked: unknown[] };
const emitter = new EventEmitter();

async function later(): Promise<string> {
  await gate.opened;
  return tokenOf();
}

@UseGuards(M2MGuard)
@Controller('calls')
class CallsController {
  @Get('now')
  now(): Promise<string> {
    return tokenOf();
  }

  @Post('with-body')
  async withBody(): Promise<string> {
    await wait(1);
    return tokenOf();
  }

  @Get('handle')
  async handle(@CallerToken() handle: CallerToken): Promise<readonly string[]> {
    left.handle = handle;
    return [await tokenOf(handle), JSON.stringify(handle)];
  }

  @Get('slow')
  async slow(@CallerToken() handle: CallerToken): Promise<void> {
    left.handle = handle;
    await gate.opened;
    left.ran.push(tokenOf());
    await left.ran[0];
  }

  @Get('endless')
  async endless(@CallerToken() handle: CallerToken): Promise<void> {
    left.handle = handle;
    await gate.opened;
  }

  @Get('leaves')
  leaves(): string {
    left.ran.push(later());
    emitter.once('later', () => left.ran.push(tokenOf()));
    setTimeout(() => left.ran.push(later()), 1);
    return 'left';
  }

  @Get('streams')
  async streams(@Res() response: { raw?: unknown; hijack?: () => void }): Promise<void> {
    response.hijack?.();
    const raw = (response.raw ?? response) as { write(text: string): void; end(): void };
    raw.write(`${await tokenOf()}\n`);
    await gate.opened;
    raw.write(await tokenOf());
    raw.end();
  }

  @Public()
  @Get('public')
  public(): Promise<string> {
    return tokenOf();
  }

  @Public()
  @Get('public-handle')
  publicHandle(@CallerToken() _handle: CallerToken): string {
    return 'never';
  }

  @OptionalToken()
  @Get('optional')
  async optional(@CallerToken() handle: CallerToken | undefined): Promise<readonly string[]> {
    return [await tokenOf(), handle === undefined ? 'none' : await tokenOf(handle)];
  }
}

/** Lets requests in without a token. */
@Injectable()
class NobodyGuard extends M2MGuard {
  protected override getRequest(): { headers: Record<string, string> } {
    return { headers: {} };
  }
}

@UseGuards(M2MGuard, NobodyGuard)
@Controller('guarded-twice')
class GuardedTwiceController {
  @OptionalToken()
  @Get()
  get(): Promise<string> {
    return tokenOf();
  }
}

class UserStrategy extends passport.Strategy {
  override name = 'session';

  override authenticate(): void {
    this.success({ name: 'ann' });
  }
}

@Injectable()
class LateGuard {
  canActivate(): boolean {
    return true;
  }
}

@UseGuards(M2MGuard.or('session'), LateGuard)
@Controller('users')
class UsersController {
  @Get()
  async get(@CallerToken() handle: CallerToken | undefined): Promise<readonly string[]> {
    return [await tokenOf(), handle === undefined ? 'none' : await tokenOf(handle)];
  }
}

@UseGuards(M2MGuard.or('session', { isUser: () => (left.asked.push(currentRequest()), true) }))
@Controller('told')
class ToldController {
  @Get()
  get(): boolean {
    return currentRequest() !== undefined;
  }
}

let issuer: TestIssuer;
let tokens: number;

beforeAll(async () => {
  issuer = await TestIssuer.start();
  passport.use(new UserStrategy());
  tokens = 0;
});

afterAll(async () => {
  passport.unuse('session');
  await issuer[Symbol.asyncDispose]();
});

beforeEach(() => {
  gate = closedGate();
  left = { ran: [], asked: [] };
});

const mint = (claims = {}): Promise<string> => issuer.mint({ jti: `token-${tokens++}`, ...claims });

function optionsWith(targets: NonNullable<M2MModuleOptions['client']>['targets']): M2MModuleOptions {
  return {
    authorizationServer: issuer.authorizationServer,
    client: { clientId: 'orders', clientSecret: 'secret', ...(targets && { targets }) },
    resourceServer: { audience: testAudience },
  };
}

const relaying = (): M2MModuleOptions =>
  optionsWith({ products: { url: 'http://127.0.0.1:1', token: 'relay', audience: testAudience } });

interface Asked {
  readonly status: number;
  readonly text: string;
}

async function ask(url: string, token?: string, init: RequestInit = {}): Promise<Asked> {
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
  const response = await fetch(url, { ...init, headers });
  return { status: response.status, text: await response.text() };
}

describe.each(platforms)('the context of a caller, on %s', (platform) => {
  let app: GuardedApp;
  const start = (configure?: (app: INestApplication) => unknown, clock?: TestClock): Promise<GuardedApp> =>
    startGuardedApp({
      platform,
      options: relaying(),
      controllers: [CallsController, UsersController, ToldController, GuardedTwiceController],
      imports: [PassportModule],
      ...(configure && { configure }),
      ...(clock && { clock }),
    });

  beforeAll(async () => {
    app = await start();
  });

  afterAll(async () => app[Symbol.asyncDispose]());

  it('has the token that the guard accepted, a new one and one that is remembered (claim 9.1)', async () => {
    const token = await mint();
    for (let times = 0; times < 3; times += 1) {
      expect(await ask(`${app.url}/calls/now`, token)).toEqual({ status: 200, text: token });
    }
    const body = JSON.stringify({ text: 'x'.repeat(50_000) });
    const sent = { method: 'POST', body, headers: { 'Content-Type': 'application/json' } };
    expect(await ask(`${app.url}/calls/with-body`, token, sent)).toEqual({ status: 201, text: token });
  });

  it('has none on a public handler, though a good token came (claim 9.1)', async () => {
    expect((await ask(`${app.url}/calls/public`, await mint())).text).toBe('none');
  });

  it('has none of a user, whom the strategy of M2MGuard.or let in (claim 9.1)', async () => {
    expect(JSON.parse((await ask(`${app.url}/users`)).text)).toEqual(['none', 'none']);
    const foreign = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.e30.c2ln`;
    expect(JSON.parse((await ask(`${app.url}/users`, foreign)).text)).toEqual(['none', 'none']);
    const token = await mint();
    expect(JSON.parse((await ask(`${app.url}/users`, token)).text)).toEqual([token, token]);
  });

  it('is not there for isUser, which is a function of the options (claim 9.5)', async () => {
    const untold = await mint({ sub: 'f0e1', client_id: 'spa' });
    expect(await ask(`${app.url}/told`, untold)).toEqual({ status: 200, text: 'true' });
    expect(left.asked).toEqual([undefined]);
  });

  it('has none without a token beside @OptionalToken()', async () => {
    expect(JSON.parse((await ask(`${app.url}/calls/optional`)).text)).toEqual(['none', 'none']);
    const token = await mint();
    expect(JSON.parse((await ask(`${app.url}/calls/optional`, token)).text)).toEqual([token, token]);
  });

  it('has none if a later guard of the request has accepted none (claim 9.1)', async () => {
    expect((await ask(`${app.url}/guarded-twice`, await mint())).text).toBe('none');
  });

  it('is there below a global prefix, and on what that excludes', async () => {
    const prefixed = await start((each) => each.setGlobalPrefix('api', { exclude: ['calls/now'] }));
    await using _ = prefixed;
    const token = await mint();
    expect((await ask(`${prefixed.url}/calls/now`, token)).text).toBe(token);
    expect((await ask(`${prefixed.url}/api/calls/optional`, token)).text).toBe(JSON.stringify([token, token]));
  });

  it('lets the token in once more at each use: one that was revoked or has expired is of no use (claim 9.2)', async () => {
    const clock = new TestClock();
    const timed = await start(undefined, clock);
    await using _ = timed;
    const token = await mint({ exp: Math.floor(clock.wall() / 1000) + 60 });
    const asked = ask(`${timed.url}/calls/slow`, token);
    await until(() => left.handle !== undefined);
    expect(await tokenOf(left.handle)).toBe(token);
    await clock.advance(10 * 60_000);
    expect(await tokenOf(left.handle)).toBe(ENDED);
    gate.open();
    await asked;
  });

  it('gives @CallerToken() a handle that prints nothing, and is dead after the request (claim 9.3)', async () => {
    const token = await mint();
    const { text } = await ask(`${app.url}/calls/handle`, token);
    expect(JSON.parse(text)).toEqual([token, '"[token]"']);
    await until(async () => (await tokenOf(left.handle)) === ENDED);
  });

  it('is a failure of the handler with a line to write if no guard let anybody in', async () => {
    const logging = await start();
    await using _ = logging;
    expect((await ask(`${logging.url}/calls/public-handle`, await mint())).status).toBe(500);
    expect(logging.log.map(({ text }) => text).join('\n')).toContain(
      'has a @CallerToken(), but no M2MGuard has let anybody in',
    );
  });

  it('leaves nothing to timers, emitters and promises that outlive the request (claim 9.3)', async () => {
    const token = await mint();
    expect((await ask(`${app.url}/calls/leaves`, token)).text).toBe('left');
    await until(() => left.ran.length === 2);
    await ask(`${app.url}/calls/now`, await mint());
    gate.open();
    emitter.emit('later');
    expect(await Promise.all(left.ran)).toEqual(['none', 'none', 'none']);
  });

  it('lasts as long as a stream that the handler writes, and ends with it (claim 9.3)', async () => {
    const token = await mint();
    const asked = ask(`${app.url}/calls/streams`, token);
    await wait(5);
    gate.open();
    expect((await asked).text).toBe(`${token}\n${token}`);
  });

  it('lasts until the handler has settled if the client disconnects, and no longer (claim 9.3)', async () => {
    const token = await mint();
    const request = httpGet(`${app.url}/calls/slow`, { headers: { Authorization: `Bearer ${token}` } });
    request.on('error', () => undefined);
    await until(() => left.handle !== undefined);
    const closed = new Promise((resolve) => request.once('close', resolve));
    request.destroy();
    await closed;
    await wait(20);
    expect(await tokenOf(left.handle)).toBe(token);
    gate.open();
    await until(() => left.ran.length === 1);
    expect(await left.ran[0]).toBe(token);
    await until(async () => (await tokenOf(left.handle)) === ENDED);
  });

  it('ends 60 s after the client disconnected, also if the handler never settles (claim 9.3)', async () => {
    const clock = new TestClock();
    const timed = await start(undefined, clock);
    await using _ = timed;
    const token = await issuer.mint({ exp: Math.floor(clock.wall() / 1000) + 3600 });
    const request = httpGet(`${timed.url}/calls/endless`, { headers: { Authorization: `Bearer ${token}` } });
    request.on('error', () => undefined);
    await until(() => left.handle !== undefined);
    request.destroy();
    await wait(50);
    await clock.advance(59_000);
    expect(await tokenOf(left.handle)).toBe(token);
    await clock.advance(1000);
    expect(await tokenOf(left.handle)).toBe(ENDED);
    gate.open();
  });

  it('is of each request, and not of its connection (claim 9.4)', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const through = async (path: string, token?: string): Promise<string> => {
      const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        httpGet(`${app.url}${path}`, { agent, headers }, resolve).on('error', reject);
      });
      let text = '';
      for await (const chunk of response) text += String(chunk);
      return text;
    };
    const [first, second] = [await mint(), await mint()];
    expect(await through('/calls/now', first)).toBe(first);
    expect(await through('/calls/public')).toBe('none');
    expect(await through('/calls/now', second)).toBe(second);
    expect(await through('/calls/optional')).toBe('["none","none"]');
    agent.destroy();
  });

  it('is of its own for each request: the end of one does not end another with the same token (claim 9.3)', async () => {
    const token = await mint();
    const slow = ask(`${app.url}/calls/slow`, token);
    await until(() => left.handle !== undefined);
    const { handle } = left;
    await ask(`${app.url}/calls/handle`, token);
    await until(async () => (await tokenOf(left.handle)) === ENDED);
    expect(await tokenOf(handle)).toBe(token);
    gate.open();
    await slow;
  });

  it('is not opened if no target needs it, which @CallerToken() says', async () => {
    const plain = await startGuardedApp({
      platform,
      options: optionsWith({ products: { url: 'http://127.0.0.1:1', audience: testAudience } }),
      controllers: [CallsController],
    });
    await using _ = plain;
    const token = await mint();
    expect((await ask(`${plain.url}/calls/now`, token)).text).toBe('none');
    expect((await ask(`${plain.url}/calls/handle`, token)).status).toBe(500);
    expect(plain.log.map(({ text }) => text).join('\n')).toContain("token: 'relay'");
  });
});
