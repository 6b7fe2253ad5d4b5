import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CompiledSources } from '../../support/compiled-sources.js';
import { platforms } from '../../support/guarded-app.js';
import { testAudience, TestIssuer } from '../../support/issuer.js';

const FOLDER = 'test/e2e/nest-libraries';
const RECIPES = readdirSync(join(import.meta.dirname, 'recipes'));

let issuer: TestIssuer;
let compiled: CompiledSources;
beforeAll(async () => {
  issuer = await TestIssuer.start();
  compiled = await CompiledSources.compile([
    `${FOLDER}/application.ts`,
    ...RECIPES.map((file) => `${FOLDER}/recipes/${file}`),
  ]);
});
afterAll(async () => {
  await compiled[Symbol.asyncDispose]();
  await issuer.stop();
});

/** Runs the application with a library in a process of its own; gives what it printed. */
async function running(library: string, platform: string, use: (url: string) => Promise<void>): Promise<string> {
  const env = {
    ...process.env,
    ISSUER: issuer.authorizationServer.issuer,
    AUDIENCE: testAudience,
    LIBRARY: library,
    PLATFORM: platform,
  };
  const child = fork(compiled.path(`${FOLDER}/application.ts`), {
    env,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const printed = text(child.stdout!);
  const [url] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [string];
  try {
    await use(url);
  } finally {
    if (child.connected) child.disconnect();
  }
  return printed;
}

async function get(url: string, token?: string): Promise<Response> {
  return fetch(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
}

describe.each(platforms)('nestjs-pino on %s', (platform) => {
  it('has the client in the lines of a request, and no token', async () => {
    const token = await issuer.mint();
    const printed = await running('pino', platform, async (url) => {
      await (await get(`${url}/guarded`, token)).text();
      await (await get(`${url}/open`)).text();
    });
    const lines = printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ req }) => req).map(({ msg, client }) => [msg, client])).toEqual([
      ['in the handler', 'test-client'],
      ['request completed', 'test-client'],
      ['request completed', undefined],
    ]);
    expect(printed).not.toContain(token);
    expect(printed).toContain('"authorization":"[Redacted]"');
  });
});

describe.each(platforms)('nestjs-pino on %s', (platform) => {
  it('gets the lines of M2MGuard as text and fields', async () => {
    const printed = await running('pino', platform, async (url) => {
      for (const _request of [1, 2, 3]) await (await get(`${url}/guarded`, 'opaque')).text();
    });
    const lines = printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ context }) => context === 'M2MGuard');
    const refusal = { level: 40, reason: 'malformed', status: 401, handler: 'OrdersController.guarded' };
    // The second is written when the application closes.
    expect(lines).toMatchObject([refusal, { ...refusal, repeated: 2 }]);
    expect(lines[0]?.['msg']).toMatch(/ answered 401: the token is not a JWT: it looks like an opaque token; /);
  });
});

describe.each(platforms)('nestjs-cls on %s', (platform) => {
  it('gives services the caller of their own request, of many at once', async () => {
    const clients = Array.from({ length: 20 }, (_, index) => `client-${index}`);
    await running('cls', platform, async (url) => {
      const answers = clients.map(async (client) => {
        const token = await issuer.mint({ client_id: client, sub: client });
        return (await get(`${url}/guarded`, token)).text();
      });
      expect(await Promise.all(answers)).toEqual(clients);
      expect(await (await get(`${url}/open`)).text()).toBe('nobody');
    });
  });
});

describe.each(platforms)('@nestjs/throttler on %s', (platform) => {
  it('counts each client after the guard, and each address before it', async () => {
    const [one, other] = [await issuer.mint(), await issuer.mint({ client_id: 'other', sub: 'other' })];
    await running('throttler', platform, async (url) => {
      const statuses = async (times: number, token: string) => {
        const counted: Record<number, number> = {};
        for (let index = 0; index < times; index += 1) {
          const { status } = await get(`${url}/guarded`, token);
          counted[status] = (counted[status] ?? 0) + 1;
        }
        return counted;
      };
      expect(await statuses(101, one)).toEqual({ 200: 100, 429: 1 });
      expect(await statuses(99, other)).toEqual({ 200: 99 });
      expect(await statuses(401, 'bad')).toEqual({ 401: 400, 429: 1 });
      expect(await statuses(1, other)).toEqual({ 429: 1 });
    });
  });
});

describe.each(platforms)('a request-scoped provider on %s', (platform) => {
  it('reads the caller of its own request when it is asked', async () => {
    await running('', platform, async (url) => {
      const tokens = await Promise.all(
        ['one', 'other'].map((client) => issuer.mint({ client_id: client, sub: client })),
      );
      const answers = tokens.map(async (token) => (await get(`${url}/scoped`, token)).text());
      expect(await Promise.all(answers)).toEqual(['one', 'other']);
    });
  });
});

describe.each(platforms)('a durable provider on %s', (platform) => {
  it('is made once for each client, by the verified token', async () => {
    await running('durable', platform, async (url) => {
      const answered = async (token?: string) => {
        const response = await get(`${url}/durable`, token);
        return response.ok ? response.text() : response.status;
      };
      const [one, other] = [await issuer.mint(), await issuer.mint({ client_id: 'other', sub: 'other' })];
      expect(await answered(one)).toBe('test-client has number 1');
      expect(await answered(other)).toBe('other has number 2');
      expect(await answered(one)).toBe('test-client has number 1');
      expect([await answered(), await answered('bad')]).toEqual([401, 401]);
    });
  });
});
