import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TestAuthorizationServer, type TestDialectName } from '../../../lib/testing/index.js';
import { dialectNames } from '../../../lib/testing/options/dialect-names.js';
import { expiredCertificate } from '../../support/certificates.js';
import { command, type Result, type Surroundings } from '../../support/cli.js';

const SECRET = 's3cret-of-orders';

interface Diagnosed {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly result: string;
    readonly seen: string;
    readonly problem?: string;
    readonly remedy?: readonly string[];
  }[];
  readonly token?: { readonly claims: Record<string, unknown> };
}

function basic(secret: string): string {
  return Buffer.from(`orders:${secret}`).toString('base64');
}

describe('nestjs-m2m doctor', () => {
  let server: TestAuthorizationServer;
  let folder: string;
  beforeAll(async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    server = await TestAuthorizationServer.start({ clients: { orders: SECRET, signing: { publicKey } } });
    folder = mkdtempSync(join(tmpdir(), 'nestjs-m2m-'));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => server.clearRequests());

  const fileOf = (name: string, content: string): string => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const doctor = (more = '', environment = {}, others: Partial<Surroundings> = {}): Promise<Result> =>
    command(`doctor ${more}`, { environment: { ...server.environment(), ...environment }, ...others });
  const diagnosed = async (more = '', environment = {}): Promise<Diagnosed> =>
    JSON.parse((await doctor(`--json ${more}`, environment)).out) as Diagnosed;

  it('finds nothing wrong with an environment that works, and sends no credentials', async () => {
    const { code, out, error } = await doctor();
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(out).toMatch(/^Nothing wrong was found\.\n/);
    expect(out).toMatch(/ ok +keys +1 that can verify signatures\n/);
    expect(new Set((await diagnosed()).checks.map(({ result }) => result))).toEqual(new Set(['ok']));
    expect(server.requests('token')).toEqual([]);
    expect(server.requests().every(({ headers }) => !('authorization' in headers))).toBe(true);
  });

  it('requests a token with --live, shows what it holds, and holds it to the API', async () => {
    const { ok, checks, token } = await diagnosed('--live --yes --scope read:products');
    expect(ok).toBe(true);
    expect(checks.find(({ name }) => name === 'token request')?.seen).toMatch(
      /^Bearer token for \d+ min, .*client_secret_basic/,
    );
    expect(checks.filter(({ name }) => name.startsWith('token: ')).length).toBeGreaterThan(5);
    expect(token?.claims).toMatchObject({ client_id: 'orders', scope: 'read:products write:products' });
    server.expectTokenRequests(1);
    const other = await diagnosed('--live --yes --audience https://shop-api --scope delete:products');
    const wrong = other.checks.filter(({ result }) => result === 'wrong').map(({ name }) => name);
    expect(wrong).toEqual(['token: aud', 'token: scope']);
  });

  it('holds a token that was requested for another API to none, unless --audience names one', async () => {
    const { ok, checks } = await diagnosed('--live --yes', { M2M_API_AUDIENCE: 'https://orders-api' });
    expect(ok).toBe(true);
    expect(checks.at(-1)).toMatchObject({
      name: 'token',
      result: 'unknown',
      seen: expect.stringContaining('--audience https://orders-api'),
    });
    const unchecked = await diagnosed('--live --yes', { M2M_API_AUDIENCE: 'none', M2M_API_CLIENTS: 'orders' });
    expect(unchecked.checks.at(-1)).toMatchObject({ name: 'token: signature', result: 'ok' });
    const without = await diagnosed('--live --yes', { M2M_API_AUDIENCE: '' });
    expect(without.checks.at(-1)?.seen).toContain('held to no API');
  });

  it('sends three token requests at most, and repeats none that failed for another reason (claim 8.7)', async () => {
    expect((await doctor('--live --yes', { M2M_CLIENT_SECRET: 'wr0ng' })).code).toBe(1);
    server.expectTokenRequests(3);
    server.clearRequests();
    server.fail({ status: 503, times: 1 });
    const { checks } = await diagnosed('--live --yes');
    expect(checks.at(-1)).toMatchObject({
      name: 'token request',
      result: 'wrong',
      problem: expect.stringContaining('503'),
    });
    server.expectTokenRequests(1);
  });

  it('asks before it sends a token request (claim 8.7)', async () => {
    const questions: string[] = [];
    const answering = (yes: boolean): Partial<Surroundings> => ({
      ask: (question) => {
        questions.push(question);
        return Promise.resolve(yes);
      },
    });
    const refused = await doctor('--live', {}, answering(false));
    expect(refused.out).toContain('not sent: nobody said yes');
    expect(questions).toEqual([`Send at most 3 token requests of the client orders to ${server.tokenEndpoint}?`]);
    server.expectTokenRequests(0);
    expect((await doctor('--live', {}, answering(true))).code).toBe(0);
    server.expectTokenRequests(1);
    await doctor('--live --yes', {}, answering(false));
    expect(questions).toHaveLength(2);
    const nobody = await doctor('--live');
    expect(nobody).toMatchObject({
      code: 2,
      error: expect.stringMatching(/no terminal to ask\n\s+write: --live --yes/),
    });
  });

  it('prints no secret, token or assertion, whatever the server repeats (claim 8.7)', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = fileOf('key.pem', privateKey.export({ format: 'pem', type: 'pkcs8' }) as string);
    const signing = { M2M_CLIENT_ID: 'signing', M2M_CLIENT_SECRET: '', M2M_PRIVATE_KEY_FILE: key };
    const proxy = { HTTPS_PROXY: 'http://user:pr0xy-password@proxy.example.com:3128' };
    const environments: Record<string, string>[] = [
      { M2M_CLIENT_SECRET: SECRET },
      { M2M_CLIENT_SECRET: 'wr0ng-secret' },
      signing,
      { M2M_ISSUER: 'https://id.invalid', ...proxy },
      { M2M_ISSUER: 'https://u:1ssuer-password@x' },
    ];
    const printed: string[] = [];
    for (const json of ['', '--json']) {
      for (const environment of environments) {
        const secret = environment['M2M_CLIENT_SECRET'];
        const issued = await server.mint();
        const body = { error: secret, error_description: `${secret} ${basic(secret ?? '')} ${issued}` };
        if (secret) server.fail({ status: 400, body });
        const { out, error } = await doctor(`--live --yes ${json}`, environment);
        printed.push(out + error);
      }
    }
    const all = printed.join('\n');
    expect(all).toContain('[redacted]');
    expect(all).not.toMatch(
      /s3cret-of-orders|wr0ng-secret|pr0xy-password|1ssuer-password|PRIVATE KEY|ey[\w-]{10,}\.[\w-]+/,
    );
    for (const secret of [SECRET, 'wr0ng-secret']) expect(all).not.toContain(basic(secret));
    expect(all).toContain('proxy.example.com:3128');
  });

  it('says everything that is wrong with the variables, with the variable to write', async () => {
    const { checks } = await diagnosed('', { M2M_CLIENT_SECRET: '', M2M_CLIENT_SECERT: 'a' });
    const wrong = checks.filter(({ result }) => result === 'wrong');
    expect(Object.fromEntries(wrong.map(({ name, remedy }) => [name, remedy?.[0]]))).toEqual({
      M2M_CLIENT_SECERT: 'M2M_CLIENT_SECRET=...',
      M2M_CLIENT_SECRET: 'M2M_CLIENT_SECRET=...',
    });
    const empty = await command('doctor', { environment: {} });
    expect(empty).toMatchObject({
      code: 1,
      out: expect.stringMatching(/\nM2M_ISSUER: is missing\n {4}write: M2M_ISSUER=https/),
    });
  });

  it('reads variables from a file, in place of its own, and arguments before both', async () => {
    const lines = Object.entries(server.environment()).map(([name, value]) => `${name}="${value}"`);
    const ofProcess = 'NODE_EXTRA_CA_CERTS=/nowhere.pem';
    const file = fileOf('.env', `# a comment\n${lines.join('\n')}\n${ofProcess}\n`);
    const others = { M2M_ISSUER: 'https://other.example.com', M2M_NO_SUCH: 'a' };
    expect((await command(`doctor --env ${file}`, { environment: others })).code).toBe(0);
    const replaced = await command(`doctor --env ${file} --issuer ${server.issuer}/`, { environment: {} });
    expect(replaced.out).toContain(`write: M2M_ISSUER=${server.issuer} #`);
    const missing = await command('doctor --env /nowhere', { environment: {} });
    expect(missing).toMatchObject({
      code: 2,
      error: expect.stringContaining('--env cannot be read: ENOENT: /nowhere'),
    });
  });

  it('never prints a line of the file that lacks an equals sign, which may hold a secret (claim 8.7)', async () => {
    const lines = Object.entries(server.environment()).map(([name, value]) => `${name}=${value}`);
    for (const line of ['M2M_CLIENT_SECRET: wr0ng-secret', 'M2M_CLIENT_SECRET wr0ng-secret', 'M2M_wr0ng;-secret']) {
      const file = fileOf('.env', [line, ...lines].join('\r\n'));
      for (const json of ['', '--json']) {
        const { code, out, error } = await command(`doctor --env ${file} ${json}`);
        expect(code).toBe(1);
        expect(out + error).not.toMatch(/-secret/);
        expect(out).toContain('has no = behind it');
      }
    }
  });

  it('says that a file begins with a byte order mark, and reads one with the line ends of Windows', async () => {
    const lines = Object.entries(server.environment()).map(([name, value]) => `${name}=${value}\r\n`);
    expect((await command(`doctor --env ${fileOf('windows.env', lines.join(''))}`)).code).toBe(0);
    const { code, error } = await command(`doctor --env ${fileOf('bom.env', `\uFEFF${lines.join('')}`)}`);
    expect({ code, error }).toEqual({ code: 2, error: expect.stringContaining('begins with a byte order mark') });
  });

  it('never repeats the value of an option that it does not know (claim 8.7)', async () => {
    const { code, error } = await command('doctor --client-secret=wr0ng-secret');
    expect({ code, error }).toEqual({ code: 2, error: expect.stringContaining("option '--client-secret=...'") });
    expect(error).not.toContain('wr0ng');
  });

  it('tells a host that does not exist, and a port that nobody listens at', async () => {
    const nowhere = await diagnosed('', { M2M_ISSUER: 'https://id.invalid' });
    expect(nowhere.checks.at(-1)).toMatchObject({ name: 'dns id.invalid', result: 'wrong' });
    const closed = await diagnosed('', { M2M_ISSUER: 'https://127.0.0.1:9' });
    expect(closed.checks.at(-1)).toMatchObject({
      name: 'connection 127.0.0.1:9',
      problem: expect.stringContaining('ECONNREFUSED'),
    });
    const plain = await diagnosed('', { M2M_ISSUER: 'http://127.0.0.1:9' });
    expect(plain.checks.find(({ name }) => name === 'discovery')?.problem).toContain('ECONNREFUSED');
  });

  it('tells a certificate that has expired', async () => {
    await using expired = await TestAuthorizationServer.start({ tls: expiredCertificate('expired') });
    const { checks } = await diagnosed('', { M2M_ISSUER: expired.issuer });
    expect(checks.at(-1)).toMatchObject({ name: expect.stringMatching(/^tls /), result: 'wrong' });
    expect(checks.at(-1)?.seen).toContain('issued by expired, valid until Jan  2 00:00:00 2020');
  });

  it('tells variables of certificates that would not help', async () => {
    const certificates = { NODE_EXTRA_CA_CERTS: '/nowhere.pem', NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const { checks } = await diagnosed('', certificates);
    const wrong = checks.filter(({ result }) => result === 'wrong').map(({ name, problem }) => `${name}: ${problem}`);
    expect(wrong).toEqual([
      expect.stringMatching(/^NODE_TLS_REJECT_UNAUTHORIZED: is 0/),
      'NODE_EXTRA_CA_CERTS: cannot be read: ENOENT: /nowhere.pem',
    ]);
    const noPem = await diagnosed('', { NODE_EXTRA_CA_CERTS: fileOf('none.pem', 'none') });
    expect(noPem.checks.find(({ name }) => name === 'NODE_EXTRA_CA_CERTS')?.problem).toContain('without a certificate');
  });

  it('tells an issuer without metadata, keys that are none, and endpoints that were written', async () => {
    const path = await diagnosed('', { M2M_ISSUER: `${server.url}/realms/none` });
    expect(path.checks.find(({ name }) => name === 'discovery')?.remedy?.join()).toContain('M2M_METADATA_URL=');
    const wrongKeys = await diagnosed('', { M2M_JWKS_URI: `${server.url}/none` });
    expect(wrongKeys.checks.find(({ name }) => name === 'keys')?.problem).toContain('answered 404');
    const written = { M2M_TOKEN_ENDPOINT: server.tokenEndpoint, M2M_JWKS_URI: server.jwksUri };
    const { ok, checks } = await diagnosed('--live --yes', written);
    expect({ ok, names: checks.map(({ name }) => name) }).toMatchObject({
      ok: true,
      names: expect.not.arrayContaining(['discovery']),
    });
  });

  it('asks for the token of a target, if the client has none of its own', async () => {
    const { M2M_AUDIENCE: _audience, M2M_RESOURCE: resource, M2M_SCOPE: scope, ...others } = server.environment();
    const target = {
      M2M_TARGET_SHOP_URL: 'https://shop.example.com',
      M2M_TARGET_SHOP_RESOURCE: resource!,
      M2M_TARGET_SHOP_SCOPE: scope!,
    };
    const { code } = await command('doctor --live --yes', { environment: { ...others, ...target } });
    expect(code).toBe(0);
    expect(server.requests('token')[0]?.parameters).toMatchObject({ resource, scope });
  });

  it.each(dialectNames as readonly TestDialectName[])(
    'finds nothing wrong with %s, its token, and an API that takes it',
    async (dialect) => {
      await using product = await TestAuthorizationServer.start({ dialect });
      const { code, out, error } = await command('doctor --live --yes', { environment: product.environment() });
      expect({ code, error, out }).toEqual({ code: 0, error: '', out: expect.stringContaining('token: signature') });
    },
  );

  it('says how an API takes tokens of Zitadel, which do not tell a machine from a user', async () => {
    await using zitadel = await TestAuthorizationServer.start({ dialect: 'zitadel' });
    const { M2M_API_CALLERS: _callers, M2M_API_CLIENTS: _clients, ...environment } = zitadel.environment();
    const { code, out } = await command('doctor --live --yes', { environment });
    expect(code).toBe(1);
    expect(out).toMatch(/\n {4}write: M2M_API_CALLERS=any # with M2M_API_CLIENTS=test-client,/);
    const cured = { ...environment, M2M_API_CALLERS: 'any', M2M_API_CLIENTS: 'test-client' };
    expect(await command('doctor --live --yes', { environment: cured })).toMatchObject({ code: 0 });
  });

  it('says which variable the product needs', async () => {
    await using auth0 = await TestAuthorizationServer.start({ dialect: 'auth0' });
    const { M2M_AUDIENCE: _audience, ...others } = auth0.environment();
    const { code, out } = await command('doctor --live --yes', { environment: others });
    expect(code).toBe(1);
    expect(out).toMatch(/\nM2M_AUDIENCE: is missing, and Auth0 needs it\n {4}write: M2M_AUDIENCE=/);
  });
});
