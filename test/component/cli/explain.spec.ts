import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { TestAuthorizationServer, type TestTokenOptions } from '../../../lib/testing/index.js';
import { command, type Result } from '../../support/cli.js';

const API = 'https://api.example.test';

interface Explained {
  readonly accepted: boolean;
  readonly status?: number;
  readonly error?: string;
  readonly checks: readonly {
    readonly name: string;
    readonly result: 'ok' | 'wrong' | 'unknown';
    readonly seen: string;
    readonly problem?: string;
    readonly remedy?: readonly string[];
  }[];
  readonly token?: { readonly header: Record<string, unknown>; readonly claims: Record<string, unknown> };
}

/** The problems, by the name of what they are about. */
function wrongIn({ checks }: Explained): Record<string, string | undefined> {
  const wrong = checks.filter(({ result }) => result === 'wrong');
  return Object.fromEntries(wrong.map((each) => [each.name, each.problem]));
}

describe('nestjs-m2m explain', () => {
  let server: TestAuthorizationServer;
  let folder: string;
  beforeAll(async () => {
    server = await TestAuthorizationServer.start({ clients: { orders: 's3cret' } });
    folder = mkdtempSync(join(tmpdir(), 'nestjs-m2m-'));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => server.clearRequests());

  const explain = (input: string, more = '', environment = {}): Promise<Result> =>
    command(`explain --issuer ${server.issuer} --audience ${API} ${more}`, { input, environment });
  const explained = async (input: string, more = '', environment = {}): Promise<Explained> =>
    JSON.parse((await explain(input, `--json ${more}`, environment)).out) as Explained;
  const fileOf = (name: string, content: string): string => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };

  it('accepts a token that M2MGuard accepts, with exit code 0, and shows what it holds', async () => {
    const token = await server.mint({ clientId: 'orders' });
    const { code, out, error } = await explain(`${token}\n`, '--scope read:products');
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(out).toMatch(/^M2MGuard accepts this token\.\n/);
    expect(out).toMatch(/ ok +client +"orders", a machine\n/);
    expect(out).toMatch(/ ok +signature +of a key of "http:/);
    expect(out).toContain(`  aud  "${API}"`);
    const { accepted, checks, token: shown } = await explained(token);
    expect(accepted).toBe(true);
    expect(new Set(checks.map(({ result }) => result))).toEqual(new Set(['ok']));
    expect(shown?.claims).toEqual(decodeJwt(token));
  });

  it('takes a token with the word Bearer before it, one in a file, and that of a token response', async () => {
    const token = await server.mint();
    expect((await explain(`Authorization: Bearer ${token}\r\n`)).code).toBe(0);
    expect((await explain('', `--token-file ${fileOf('token', `${token}\n`)}`)).code).toBe(0);
    const response = { access_token: token, token_type: 'Bearer', expires_in: 300 };
    expect((await explain(JSON.stringify(response, null, 2))).code).toBe(0);
    for (const other of ['{', '{}', '{"access_token":7}', `{"id_token":"${token}"}`]) {
      expect(await explain(other)).toMatchObject({ code: 1, out: expect.not.stringContaining(token.slice(0, 20)) });
    }
  });

  it('says how to type a token, if a person is to', async () => {
    const line = ['explain', '--issuer', server.issuer, '--audience', API];
    const asked = { input: await server.mint(), ask: () => Promise.resolve(true) };
    expect((await command(line, asked)).error).toMatch(/^Paste the token, then press Enter and Ctrl\+D/);
    expect((await command([...line, '--token-file', fileOf('token', asked.input)], asked)).error).toBe('');
  });

  it('never prints the signature of a token, or a token within it (claim 8.5)', async () => {
    const actor = await server.mint();
    const token = await server.mint({ claims: { act: { token: actor, text: `Bearer ${actor}` } } });
    for (const more of ['', '--json', '--scope other']) {
      const { out, error } = await explain(token, more);
      for (const each of [token, actor]) expect(out + error).not.toContain(each.split('.')[2]);
      expect(out).not.toContain(actor.split('.')[1]);
      expect(out).toContain('[token]');
    }
  });

  it('prints no token that stands in a checked member, in the name of a claim or in an argument (claim 8.5)', async () => {
    const actor = await server.mint();
    const tokens = [
      { header: { kid: actor } },
      { header: { typ: actor } },
      { claims: { iss: actor } },
      { claims: { [actor]: actor } },
      { claims: { aud: actor } },
      { clientId: actor },
      { scope: actor },
    ].map((options: TestTokenOptions) => server.mint(options));
    for (const token of await Promise.all(tokens)) {
      for (const more of ['', '--json', '--client orders --scope other']) {
        const { out, error } = await explain(token, more);
        for (const part of actor.split('.').slice(1)) expect(out + error).not.toContain(part);
        expect(out).toContain('[token]');
      }
    }
    for (const line of [`explain --callers ${actor}`, `explain --tokn=${actor}`, actor, `token --scop=${actor}`]) {
      const { code, error } = await command(line);
      expect({ code, error }).toEqual({ code: 2, error: expect.not.stringContaining(actor.slice(-40)) });
    }
  });

  it('shows a name that only begins like a token', async () => {
    const { out } = await explain(await server.mint({ claims: { iss: 'https://eyeglasses-shop.example.com' } }));
    expect(out).toContain('iss  "https://eyeglasses-shop.example.com"');
  });

  it('explains a token whose members have types that no token has', async () => {
    for (const odd of [{ a: {} }, [{}], [[]], null, 7, true]) {
      const { accepted, checks } = await explained(
        await server.mint({
          header: { kid: odd },
          claims: { iss: odd, aud: odd, client_id: odd, scope: odd, nbf: odd },
        }),
      );
      expect(accepted).toBe(false);
      expect(checks.find(({ name }) => name === 'iss')).toMatchObject({ result: 'wrong' });
    }
  });

  it('prints nothing but ASCII of what a token says, on lines of its own making (claim 8.2)', async () => {
    const hostile = '\u001b[2J\u202e\nok  signature é';
    const token = await server.mint({ clientId: hostile, claims: { [hostile]: hostile, iss: hostile } });
    for (const more of ['', '--json']) {
      const { out } = await explain(token, more);
      expect(out).toMatch(/^[ -~\n]+$/);
      expect(out).not.toMatch(/^ok {2}signature/m);
    }
  });

  it('asks the issuer of the options for keys, and never the one that a token names (claim 8.4)', async () => {
    await using other = await TestAuthorizationServer.start();
    const claims = { iss: other.issuer, jku: other.jwksUri };
    const header = { jku: other.jwksUri, x5u: other.jwksUri };
    const { accepted, checks } = await explained(await server.mint({ claims, header }));
    expect(accepted).toBe(false);
    expect(checks.find(({ name }) => name === 'signature')).toMatchObject({ result: 'unknown' });
    expect((await explain(await server.mint({ header }))).code).toBe(0);
    expect(other.requests()).toEqual([]);
  });

  it('uses no network with --jwks', async () => {
    const keys = (await (await fetch(server.jwksUri)).json()) as object;
    server.clearRequests();
    const file = fileOf('jwks.json', JSON.stringify(keys));
    expect((await explain(await server.mint(), `--jwks ${file}`)).code).toBe(0);
    await using other = await TestAuthorizationServer.start();
    const foreign = await other.mint({ claims: { iss: server.issuer } });
    expect(wrongIn(await explained(foreign, `--jwks ${file}`))).toEqual({
      signature: expect.stringContaining('publishes no key that the token may be signed with'),
    });
    expect([...server.requests(), ...other.requests()]).toEqual([]);
  });

  it.each<[string, TestTokenOptions, string, string, RegExp]>([
    ['that expired', { expiresIn: -600_000 }, 'times', 'the token expired 10 min ago', /npx nestjs-m2m token/],
    [
      'for another API',
      { audience: 'https://b', scope: 'write:products' },
      'aud',
      'the token is for ["https://b"], not for',
      /M2M_API_AUDIENCE=https:\/\/b/,
    ],
    ['of a user', { user: 'anna' }, 'client', "is a user's", /M2M_API_CALLERS=any/],
    [
      'without a scope',
      { scope: 'read:products' },
      'scope',
      'the route needs ["write:products"]',
      /M2M_SCOPE=write:products/,
    ],
    ['of an unknown key', { header: { kid: 'other' } }, 'signature', 'publishes no key', /rotated or withdrawn/],
    ['that is an ID token', { claims: { nonce: 'a' } }, 'kind of token', '"nonce"', /access_token/],
    ['that is bound', { claims: { cnf: { jkt: 'a' } } }, 'cnf', 'bound to a key', /no DPoP/],
    ['without a client', { claims: { client_id: undefined } }, 'client', 'does not say which client', /M2M_PROVIDER=/],
    ['of another type', { header: { typ: 'dpop+jwt' } }, 'header', '"typ"', /access_token/],
    ['with b64', { header: { b64: true } }, 'header', '"b64"', /no "crit"/],
    ['too early', { claims: { nbf: 4e9 } }, 'times', 'valid only in', /timedatectl/],
  ])('refuses a token %s as M2MGuard does, and says what to write', async (_name, options, name, problem, remedy) => {
    const found = await explained(await server.mint(options), '--scope write:products');
    expect(wrongIn(found)).toEqual({ [name]: expect.stringContaining(problem) });
    expect(found.checks.flatMap(({ remedy: lines }) => lines ?? []).join('\n')).toMatch(remedy);
    expect(found.accepted).toBe(false);
    const { code, out } = await explain(await server.mint(options), '--scope write:products');
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`\\n${name}: .*\\n    write: `));
  });

  it('names everything that is wrong with a token, and not only what M2MGuard meets first', async () => {
    const options = {
      expiresIn: -60_000,
      audience: 'https://b',
      user: 'anna',
      scope: 'a',
      claims: { cnf: {}, events: {} },
    };
    const found = await explained(await server.mint(options), '--scope write:products');
    expect(Object.keys(wrongIn(found))).toEqual(
      ['times', 'kind of token', 'aud', 'client', 'cnf', 'scope'].filter((each) => each in wrongIn(found)),
    );
    expect(Object.keys(wrongIn(found))).toEqual(expect.arrayContaining(['times', 'kind of token', 'aud', 'client']));
  });

  it.each([
    ['/', 'the slash at its end'],
    ['', 'capital and small letters'],
  ])('tells in what issuers differ: %j', async (end, difference) => {
    const iss = end === '' ? server.issuer.toUpperCase() : server.issuer + end;
    const found = await explained(await server.mint({ claims: { iss } }));
    expect(wrongIn(found)['iss']).toContain(`they differ by ${difference}`);
    expect(found.checks.find(({ name }) => name === 'iss')?.remedy?.[0]).toContain(`M2M_ISSUER=${iss} #`);
  });

  it.each([
    ['an opaque token', 'b2c1f0c49dd04c2ca1c2a0d4', /opaque token/, /introspection/],
    ['nothing', '', /nothing comes after/, /npx nestjs-m2m token/],
    ['an encrypted token', 'a.b.c.d.e', /JWE/, /M2M_AUDIENCE=/],
  ])('tells %s', async (_name, input, problem, remedy) => {
    const { code, out } = await explain(input);
    expect(code).toBe(1);
    expect(out).toMatch(problem);
    expect(out).toMatch(remedy);
    expect(out).not.toMatch(/b2c1f0c49dd0|a\.b\.c/);
  });

  it('goes by the clients and callers of the environment', async () => {
    const clients = { M2M_API_CLIENTS: 'billing,shop' };
    const found = await explained(await server.mint({ clientId: 'orders' }), '', clients);
    expect(wrongIn(found)['client']).toContain('is not among allowedClients');
    expect(found.checks.flatMap(({ remedy = [] }) => remedy)).toEqual(['M2M_API_CLIENTS=billing,shop,orders']);
    const many = { M2M_API_CLIENTS: Array.from({ length: 50 }, (_, index) => `client-${index}`).join(',') };
    const refused = await explain(await server.mint({ clientId: 'orders' }), '', many);
    expect(refused.out).toContain(`write: M2M_API_CLIENTS=${many.M2M_API_CLIENTS},orders\n`);
    const two = await explain(await server.mint({ clientId: 'orders,admin' }), '', clients);
    expect(two.out).toMatch(/\n {4}write: resourceServer: \{ allowedClients: /);
    expect((await explain(await server.mint({ clientId: 'shop' }), '', clients)).code).toBe(0);
    expect((await explain(await server.mint({ user: 'anna' }), '', { M2M_API_CALLERS: 'any' })).code).toBe(0);
    // What says something of the client of a service does not matter to its API.
    expect(
      (await explain(await server.mint({}), '', { M2M_CLIENT_ID: 'a', M2M_INSECURE_ORIGINS: 'http://shop:80' })).code,
    ).toBe(0);
  });

  it('says that keys cannot be had, and where to look', async () => {
    const token = await server.mint();
    server.fail({ endpoint: 'keys', times: 9 });
    server.fail({ endpoint: 'keys', times: 9 });
    const found = await explained(token);
    expect(found).toMatchObject({ accepted: false, status: 503 });
    expect(found.checks.find(({ name }) => name === 'signature')?.remedy).toEqual(['npx nestjs-m2m doctor']);
    server.fail({ endpoint: 'keys', times: 0 });
  });

  it.each<[string, RegExp]>([
    ['explain', /required option '-i, --issuer <url>'/],
    ['explain -i https://id.example.com', /required option '-a, --audience <audiences>'/],
    ['explain -i ftp://x -a b', /--issuer is not an HTTPS URL\n\s+write: --issuer https/],
    ['explain -i https://id.example.com -a none', /M2M_API_CLIENTS|--client/],
    ['explain -i https://id.example.com -a b --token eyJhbGciOi', /the token is an argument, which other users/],
    ['explain -i https://id.example.com -a b --token-file /nowhere', /--token-file cannot be read: ENOENT: \/nowhere/],
    ['explain -i https://id.example.com -a b --jwks /nowhere', /--jwks cannot be read: ENOENT: \/nowhere/],
    [
      'explain -i https://id.example.com -a b --jwks https://id.example.com/jwks?a',
      /--jwks is a URL.*\n.*M2M_JWKS_URI='https:\/\/id.example.com\/jwks\?a'/,
    ],
    ['explain -i https://id.example.com -a b --jwks /dev/null', /--jwks cannot be read: no JSON/],
  ])("refuses '%s' with exit code 2", async (line, said) => {
    const { code, out, error } = await command(line, { input: 'eyJhbGciOi' });
    expect({ code, out, error }).toEqual({ code: 2, out: '', error: expect.stringMatching(said) });
    expect(error).not.toContain('eyJhbGciOi');
  });

  it('refuses a file without keys with exit code 2', async () => {
    const file = fileOf('none.json', '{}');
    expect(await explain('a', `--jwks ${file}`)).toMatchObject({
      code: 2,
      error: expect.stringContaining('without a key set'),
    });
    const empty = fileOf('empty.json', '{"keys":[]}');
    expect(await explain('a', `--jwks ${empty}`)).toMatchObject({ code: 2, error: expect.stringContaining('jwks') });
  });
});
