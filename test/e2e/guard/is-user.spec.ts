import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, UseGuards, type INestApplication } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import passport from 'passport';
import { M2MModule } from '../../../lib/m2m.module.js';
import { M2M_CLOCK } from '../../../lib/options/injection-tokens.js';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { M2MTestGuard } from '../../../lib/testing/m2m-test.guard.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';

/** One question to isUser, and its answer, which a test gives. */
class Question {
  readonly asked: Promise<void>;
  readonly #answer: Promise<boolean>;
  #ask: () => void = () => {};
  answer: (isUser: boolean) => void = () => {};
  fail: (error: Error) => void = () => {};

  constructor() {
    this.asked = new Promise((resolve) => (this.#ask = resolve));
    this.#answer = new Promise((resolve, reject) => {
      this.answer = resolve;
      this.fail = reject;
    });
  }

  ask(): Promise<boolean> {
    this.#ask();
    return this.#answer;
  }
}

let current: Question;

@Controller()
class ProductsController {
  @UseGuards(M2MGuard.or('anybody', { isUser: () => current.ask() }))
  @Get('told')
  told(): string {
    return 'told';
  }

  @RequireScopes('admin')
  @UseGuards(M2MGuard.or('anybody'))
  @Get('either')
  either(@Caller('clientId') clientId: string | undefined): string {
    return clientId ?? 'a user';
  }

  @UseGuards(M2MGuard.or('nobody'))
  @Get('other')
  other(): string {
    return 'other';
  }
}

let issuer: TestIssuer;
let clock: TestClock;

beforeAll(async () => {
  issuer = await TestIssuer.start();
  passport.use('anybody', {
    authenticate(this: { success(user: object): void }) {
      this.success({ name: 'alice' });
    },
  } as passport.Strategy);
  passport.use('nobody', {
    authenticate(this: { fail(): void }) {
      this.fail();
    },
  } as passport.Strategy);
});

beforeEach(() => {
  current = new Question();
  clock = new TestClock();
});

afterAll(async () => {
  passport.unuse('anybody');
  passport.unuse('nobody');
  await issuer.stop();
});

function builder(): TestingModuleBuilder {
  const { authorizationServer } = issuer;
  const imports = [M2MModule.forRoot({ authorizationServer, resourceServer: { audience: testAudience } })];
  return Test.createTestingModule({ imports, controllers: [ProductsController] });
}

async function started(made: TestingModuleBuilder): Promise<INestApplication> {
  const app = (await made.compile()).createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  return app;
}

async function get(app: INestApplication, path: string, token?: string): Promise<Response> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch(`${await app.getUrl()}/${path}`, { headers });
}

/** A token that does not tell whether it is a user's. */
const untold = (): Promise<string> => issuer.mint({ sub: 'f0e1', client_id: 'spa' });

describe('isUser of M2MGuard.or', () => {
  let app: INestApplication;
  beforeEach(async () => {
    app = await started(builder().overrideProvider(M2M_CLOCK).useValue(clock));
  });
  afterEach(async () => app.close());

  it('may take almost 2 s', async () => {
    const response = get(app, 'told', await untold());
    await current.asked;
    await clock.advance(1999);
    current.answer(true);
    expect((await response).status).toBe(200);
  });

  it('is answered with 503 after 2 s, whatever it says later', async () => {
    const events: unknown[] = [];
    app.get(M2MTokenVerifier).events$.subscribe((event) => events.push(event));
    for (const settle of [({ answer }: Question) => answer(true), ({ fail }: Question) => fail(new Error('late'))]) {
      current = new Question();
      const response = get(app, 'told', await untold());
      await current.asked;
      await clock.advance(2000);
      expect((await response).status).toBe(503);
      settle(current);
    }
    expect(events).toEqual([]);
  });
});

describe('overrideGuard(M2MGuard.or(...)) of a testing module', () => {
  it('puts another guard in the place of that one, and of no other', async () => {
    const guard = new M2MTestGuard({ clientId: 'orders', scopes: ['admin'] });
    const app = await started(builder().overrideGuard(M2MGuard.or('anybody')).useValue(guard));
    const either = async (): Promise<unknown[]> => {
      const response = await get(app, 'either');
      return [response.status, await response.text()];
    };
    expect(await either()).toEqual([200, 'orders']);
    guard.callAs({ scopes: [] });
    expect((await either())[0]).toBe(403);
    guard.callAs(undefined);
    expect((await either())[0]).toBe(401);
    expect((await get(app, 'other')).status).toBe(401);
    await app.close();
  });

  it('is needed for it: without, the strategy decides', async () => {
    const app = await started(builder());
    expect(await (await get(app, 'either')).text()).toBe('a user');
    await app.close();
  });
});
