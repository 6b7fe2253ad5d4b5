import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { run } from '../../../../lib/cli/run.js';
import { M2MTestGuard, M2MTestingModule, TestAuthorizationServer } from '../../../../lib/testing/index.js';

let before: string | undefined;
beforeEach(() => {
  before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
});
afterEach(() => {
  process.env['NODE_ENV'] = before;
});

const message = /is for tests and development only, and NODE_ENV is production/;

/** Runs `nestjs-m2m serve`, which is interrupted at once. */
async function serve(...options: string[]): Promise<{ readonly code: number; readonly text: string }> {
  const written: string[] = [];
  const write = (text: string): void => void written.push(text);
  const input = (async function* (): AsyncGenerator<string> {})();
  const terminal = { environment: {}, input, write, writeError: write, interruption: () => AbortSignal.abort() };
  const code = await run(['serve', '--port', '0', ...options], terminal);
  return { code, text: written.join('') };
}

describe('the testing kit in production (claim 8.1)', () => {
  it('refuses to start a server, and says what to write', async () => {
    await expect(TestAuthorizationServer.start()).rejects.toThrow(message);
    await expect(TestAuthorizationServer.start()).rejects.toThrow('allowProduction: true');
    const module = Test.createTestingModule({ imports: [M2MTestingModule.forRoot()] });
    await expect(module.compile()).rejects.toThrow(message);
    expect(await serve()).toEqual({ code: 2, text: expect.stringContaining('nestjs-m2m serve --allow-production') });
  });

  it('refuses to let requests in without tokens', () => {
    expect(() => new M2MTestGuard()).toThrow(message);
    expect(() => new M2MTestGuard()).toThrow('new M2MTestGuard(caller, { allowProduction: true })');
  });

  it('starts if that is allowed', async () => {
    await using server = await TestAuthorizationServer.start({ allowProduction: true });
    expect(server.url).toMatch(/^http:/);
    const imports = [M2MTestingModule.forRoot({ server: { allowProduction: true } })];
    await (await Test.createTestingModule({ imports }).compile()).close();
    expect(new M2MTestGuard({}, { allowProduction: true })).toBeInstanceOf(M2MTestGuard);
    expect(await serve('--allow-production')).toMatchObject({ code: 0 });
  });

  it.each(['test', 'development', ''])('starts with another NODE_ENV: %j', async (mode) => {
    process.env['NODE_ENV'] = mode;
    await using server = await TestAuthorizationServer.start();
    expect(new M2MTestGuard()).toBeInstanceOf(M2MTestGuard);
    expect(server.url).toMatch(/^http:/);
  });
});
