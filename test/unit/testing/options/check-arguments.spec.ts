import { describe, expect, it } from '@jest/globals';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { run } from '../../../../lib/cli/run.js';
import { M2MModule } from '../../../../lib/m2m.module.js';
import {
  asMachine,
  M2MTestGuard,
  M2MTestingModule,
  testCaller,
  TestAuthorizationServer,
} from '../../../../lib/testing/index.js';
import { providers } from '../../../../lib/testing/options/dialect-names.js';

/** As a test runner passes it on that does not look at types. */
const untyped = (value: unknown): never => value as never;

/** Starts a server, and leaves none behind where one starts after all. */
async function tryToStart(options: unknown): Promise<void> {
  await using _server = await TestAuthorizationServer.start(untyped(options));
}

const builder = () => Test.createTestingModule({ imports: [] });

describe('TestAuthorizationServer.start refuses', () => {
  it.each([
    [{ client: {} }, /start\.client is not an option\n.*write: clients: \.\.\./],
    [{ resource: [] }, /start\.resource is not an option\n.*write: resources: \.\.\./],
    [{ dialect: 'entra' }, /start\.dialect is 'entra', not one of its words\n[^]*or dialect: 'entraId'/],
    [{ dialect: 'toString' }, /start\.dialect is a string/],
    [{ clients: 'orders' }, /start\.clients is a string\n.*write: clients: \{ 'my-service': 'its-secret' \}/],
    [{ clients: { orders: { sceret: 's' } } }, /start\.clients\.orders\.sceret is not an option/],
    [{ clients: { orders: undefined } }, /what \S+\.clients\.orders takes is missing\n.*write: \{ secret: \.\.\. \}/],
    [{ resources: 'shop' }, /start\.resources is a string\n.*write: resources: \['https/],
    [{ scopes: 'read' }, /start\.scopes is a string, not a list of names\n.*write: scopes: \['read:products'\]/],
    ['auth0', /what TestAuthorizationServer\.start takes is a string\n.*write: \{ dialect: \.\.\. \}/],
  ])('%j', async (options, message) => {
    await expect(tryToStart(options)).rejects.toThrow(message);
  });

  it('everything that is wrong at once', async () => {
    await expect(tryToStart({ client: {}, resource: [], scopes: 'read' })).rejects.toMatchObject({
      code: 'ERR_M2M_CONFIGURATION',
      problems: { length: 3 },
    });
  });
});

it('a server takes resources without scopes, and with scopes of their own', async () => {
  await using none = await TestAuthorizationServer.start({ scopes: [] });
  await using own = await TestAuthorizationServer.start({ resources: { shop: ['read'] } });
  expect([none.tokenRequest(), own.tokenRequest()]).toMatchObject([{ scope: '' }, { scope: 'read' }]);
});

describe('names that are no options are refused by', () => {
  it('mint, fail and register', async () => {
    await using server = await TestAuthorizationServer.start({ signingAlg: 'ES256' });
    const mint = server.mint(untyped({ scopes: ['read:products'] }));
    await expect(mint).rejects.toThrow(/mint\.scopes is not an option\n.*write: scope: \.\.\./);
    expect(() => server.fail(untyped({ stats: 500 }))).toThrow(/fail\.stats is not an option\n.*write: status: \.\.\./);
    expect(() => server.register('orders', untyped({ scope: [] }))).toThrow(/register\.scope is not an option/);
    expect(server.clientIds).toEqual(['test-client']);
  });

  it('asMachine', async () => {
    const app = {} as INestApplicationContext;
    const message = /asMachine\.scope is not an option\n.*write: scopes: \.\.\./;
    await expect(asMachine(app, untyped({ scope: ['read:products'] }))).rejects.toThrow(message);
    await expect(asMachine(app, untyped({ user: 'alice' }))).rejects.toThrow('asMachine.user is not an option');
    await expect(asMachine(app, untyped(['read']))).rejects.toThrow('what asMachine takes is an array');
  });

  it('testCaller and M2MTestGuard', () => {
    const options = untyped({ scope: ['read:products'] });
    expect(() => testCaller(options)).toThrow(/testCaller\.scope is not an option\n.*write: scopes: \.\.\./);
    expect(() => new M2MTestGuard(options)).toThrow('testCaller.scope');
    expect(() => new M2MTestGuard().callAs(options)).toThrow('testCaller.scope');
  });
});

describe('M2MTestingModule.override says what to write instead of', () => {
  it('a server that is not awaited', async () => {
    const started = TestAuthorizationServer.start({ signingAlg: 'ES256' });
    expect(() => M2MTestingModule.override(builder(), untyped(started))).toThrow(
      'the server is a promise; write: const server = await TestAuthorizationServer.start()',
    );
    await (await started).stop();
  });

  it('no server, and no builder', () => {
    expect(() => M2MTestingModule.override(builder(), untyped(undefined))).toThrow(
      /^the server is missing; write: .*override\(Test\.createTestingModule\(/,
    );
    expect(() => M2MTestingModule.override(untyped(builder().compile()), untyped(undefined))).toThrow(
      /^the builder is a promise, not what Test\.createTestingModule returns; write: M2MTestingModule\.override\(/,
    );
  });
});

async function start(options: unknown): Promise<void> {
  const imports = [M2MTestingModule.forRoot(untyped(options))];
  await (await Test.createTestingModule({ imports }).compile()).close();
}

describe('M2MTestingModule.forRoot refuses at the start', () => {
  it.each([
    [{ clients: {} }, /forRoot\.clients is not an option\n.*write: client: \.\.\./],
    [{ server: 'auth0' }, /forRoot\.server is a string\n.*write: server: await TestAuthorizationServer\.start\(\)/],
    [{ server: { client: {} } }, /start\.client is not an option/],
    [null, /what M2MTestingModule\.forRoot takes is null/],
  ])('%j', async (options, message) => {
    await expect(start(options)).rejects.toThrow(message);
  });

  it('a server that is not awaited', async () => {
    const server = TestAuthorizationServer.start({ signingAlg: 'ES256' });
    await expect(start({ server })).rejects.toThrow('M2MTestingModule.forRoot.server is a promise');
    await (await server).stop();
  });

  it('to stand beside an application that has M2MModule, and names override', async () => {
    const authorizationServer = { name: 'production', issuer: 'https://id.example.com' };
    @Module({ imports: [M2MModule.forRoot({ authorizationServer, resourceServer: { audience: 'shop' } })] })
    class AppModule {}
    const testing = M2MTestingModule.forRoot();
    for (const imports of [
      [AppModule, testing],
      [testing, AppModule],
      [M2MTestingModule.forRoot(), testing],
    ]) {
      await expect(Test.createTestingModule({ imports }).compile()).rejects.toThrow(
        /M2MTestingModule\.forRoot stands beside .*\n.*write: M2MTestingModule\.override\(/,
      );
    }
  });
});

describe('a dialect', () => {
  it.each(Object.entries(providers))('%s goes by the name %s too', async (dialect, provider) => {
    await using server = await TestAuthorizationServer.start({ dialect: provider, signingAlg: 'ES256' });
    expect(server.dialect).toBe(dialect);
  });

  it('goes by its name in M2M_PROVIDER on the command line', async () => {
    const written: string[] = [];
    const write = (text: string) => void written.push(text);
    const input = (async function* () {})();
    const terminal = { environment: {}, input, write, writeError: write, interruption: () => AbortSignal.abort() };
    expect(await run(['serve', '--dialect', 'entra-id', '--port', '0', '--json'], terminal)).toBe(0);
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ dialect: 'entraId' });
  });
});
