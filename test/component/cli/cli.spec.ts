import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as requestTo } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { describeRequest } from '../../../lib/cli/serve-output.js';
import { TestAuthorizationServer, type TestDialectName } from '../../../lib/testing/index.js';
import { providers } from '../../../lib/testing/options/dialect-names.js';
import { command, type Result, type Surroundings } from '../../support/cli.js';
import { inShell, serving } from './serving.js';

describe('nestjs-m2m', () => {
  it.each(['--help', 'serve --help', 'token --help'])('answers %s with its options and examples', async (line) => {
    const { code, out } = await command(line);
    expect(code).toBe(0);
    expect(out).toContain('Usage: nestjs-m2m');
    expect(out).not.toContain('--client-secret <');
  });

  it('lists every dialect once, and takes its name as a provider, too', async () => {
    const { out } = await command('serve --help');
    const [, choices = ''] = /choices: ([^]*?), default/.exec(out) ?? [];
    const listed = choices.split(',').map((name) => name.replaceAll(/[\s"]/g, ''));
    expect(listed).toEqual(Object.keys(providers));
    for (const [dialect, provider] of Object.entries(providers)) {
      const served = await command(`serve --port 0 --json --dialect ${provider}`);
      expect(served).toMatchObject({ code: 0, out: expect.stringContaining(`"dialect":"${dialect}"`) });
    }
  });

  it('answers --version', async () => {
    expect(await command('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });

  it.each([
    ['', /Usage/],
    ['other', /unknown command 'other'/],
    ['serve --other', /unknown option '--other'/],
    ['serve --dialect other', /Allowed choices are standard, auth0/],
    ['serve --client m2m', /write: --client my-service:its-secret/],
    ['serve --port x', /no whole number between/],
    ['serve --port 65536', /between 0 and 65535; write: --port 4710/],
    ['token', /required option '-i, --issuer <url>'/],
    ['token -i https://id.example.com', /required option '-c, --client-id <id>'/],
    ['token -i https://id.example.com -c a', /M2M_CLIENT_SECRET is missing\n\s+write: M2M_CLIENT_SECRET=/],
    ['token -i https://id.example.com -c a --client-secret x', /is an argument, which other users/],
    ['token -i ftp://x -c a --client-secret-stdin', /--issuer is not an HTTPS URL\n\s+write: --issuer https/],
  ])("refuses '%s' with exit code 2", async (line, said) => {
    expect(await command(line)).toMatchObject({ code: 2, error: expect.stringMatching(said) });
  });
});

it('serves at no port that is taken', async () => {
  await using taken = await TestAuthorizationServer.start();
  const { port } = new URL(taken.url);
  expect(await command(`serve --port ${port}`)).toMatchObject({
    code: 2,
    error: expect.stringContaining(`--port is ${port}, which is taken\n    write: --port 0`),
  });
});

describe('nestjs-m2m token', () => {
  let server: TestAuthorizationServer;
  let folder: string;
  beforeAll(async () => {
    server = await TestAuthorizationServer.start({ clients: { orders: 's3cret', public: {} } });
    folder = mkdtempSync(join(tmpdir(), 'nestjs-m2m-'));
    writeFileSync(join(folder, 'secret'), 's3cret\n');
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const token = (more = '', surroundings?: Surroundings): Promise<Result> =>
    command(`token --issuer ${server.issuer} --client-id orders ${more}`, surroundings);
  const environment = { M2M_CLIENT_SECRET: 's3cret' };

  it.each<[string, string, () => Surroundings]>([
    ['M2M_CLIENT_SECRET', '', () => ({ environment })],
    ['a file', '', () => ({ environment: { M2M_CLIENT_SECRET_FILE: join(folder, 'secret') } })],
    ['standard input', '--client-secret-stdin', () => ({ input: 's3cret\n' })],
  ])('writes a token, with the secret from %s', async (_name, more, surroundings) => {
    const { code, out, error } = await token(`${more} --scope read:products`, surroundings());
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(decodeJwt(out.trim())).toMatchObject({ client_id: 'orders', scope: 'read:products' });
  });

  it('writes JSON', async () => {
    const { out } = await token('--json', { environment });
    expect(JSON.parse(out)).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: expect.any(Number),
      expires_at: expect.any(String),
      scope: 'read:products write:products',
    });
  });

  it.each(['client_secret_basic', 'client_secret_post', 'client_secret_jwt'])('uses %s', async (method) => {
    const isMeant = () => {
      const { client_secret: secret, client_assertion: assertion } = server.requests('token')[0]!.parameters;
      return method === `client_secret_${secret ? 'post' : assertion ? 'jwt' : 'basic'}`;
    };
    server.clearRequests();
    expect(await token(`--client-authentication ${method}`, { environment })).toMatchObject({ code: 0 });
    expect(isMeant()).toBe(true);
    server.clearRequests();
    const inEnvironment = { environment: { ...environment, M2M_CLIENT_AUTHENTICATION: method } };
    expect(await token('', inEnvironment)).toMatchObject({ code: 0 });
    expect(isMeant()).toBe(true);
  });

  it('signs assertions with the key in a file', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await using signing = await TestAuthorizationServer.start({
      clients: { orders: { publicKey } },
    });
    const file = join(folder, 'key.pem');
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const line = `token --issuer ${signing.issuer} --client-id orders`;
    const { code, out, error } = await command(line, { environment: { M2M_PRIVATE_KEY_FILE: file } });
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(decodeJwt(out.trim())).toMatchObject({ client_id: 'orders' });
  });

  it.each([
    ['basic', /--client-authentication is 'basic', which .*\n\s+write: --client-authentication client_secret_basic\n/],
    ['private_key_jwt', /M2M_CLIENT_SECRET is set, and M2M_CLIENT_AUTHENTICATION=private_key_jwt does not use it/],
  ])('refuses --client-authentication %s beside a secret', async (method, said) => {
    const { code, error } = await token(`--client-authentication ${method}`, { environment });
    expect({ code, error }).toMatchObject({ code: 2, error: expect.stringMatching(said) });
  });

  it('reaches the server where the environment says', async () => {
    const moved = { ...environment, M2M_TOKEN_ENDPOINT: `${server.url}/token` };
    const insecure = { M2M_INSECURE_ORIGINS: 'http://keycloak:8080,http://products:3000' };
    const line = 'token --issuer http://keycloak:8080 --client-id orders';
    expect((await command(line, { environment: { ...moved, ...insecure } })).code).toBe(0);
    const { code, error } = await command(line, { environment: moved });
    expect({ code, error }).toMatchObject({ code: 2, error: expect.stringContaining('M2M_INSECURE_ORIGINS') });
  });

  it('needs no secret of a public client, as the server says in its environment', async () => {
    const variables = server.environment('public');
    expect(variables).toMatchObject({ M2M_CLIENT_AUTHENTICATION: 'none' });
    const { code } = await command(`token --issuer ${server.issuer} --client-id public`, { environment: variables });
    expect(code).toBe(0);
  });

  it('needs no secret of a public client', async () => {
    const line = `token --issuer ${server.issuer} --client-id public --client-authentication none`;
    expect((await command(line)).code).toBe(0);
  });

  it('fails with what the server said, and without the secret', async () => {
    const wrong = { environment: { M2M_CLIENT_SECRET: 'wrong-secret' } };
    const text = await token('', wrong);
    expect(text).toMatchObject({ code: 1, out: '', error: expect.stringContaining('invalid_client') });
    const json = await token('--json', wrong);
    expect(JSON.parse(json.error)).toMatchObject({
      code: 'ERR_M2M_TOKEN_REQUEST',
      error: 'invalid_client',
      status: 401,
      error_description: 'client authentication failed',
    });
    expect(text.error + json.error).not.toContain('wrong-secret');
  });

  it('fails where nobody listens', async () => {
    const { code, error } = await command('token --issuer http://127.0.0.1:9 --client-id orders', { environment });
    expect({ code, error }).toMatchObject({ code: 1, error: expect.stringContaining('127.0.0.1:9') });
  });

  it('escapes everything but printable ASCII in what the server said (claim 8.2)', async () => {
    const failure = { status: 400, body: { error: 'invalid_scope', error_description: 'é\u202e漢' }, times: 2 };
    server.fail(failure);
    const inText = await token('', { environment });
    const inJson = await token('--json', { environment });
    expect(inText.error).toMatch(/^[ -~\n]+$/);
    expect(inJson.error).toMatch(/^[ -~\n]+$/);
    expect(inText.error).toContain(String.raw`\u6f22`);
    expect(JSON.parse(inJson.error)).toMatchObject({ error_description: expect.stringContaining('漢') });
  });

  it('says which option the product needs', async () => {
    const { code, error } = await command('token --issuer https://acme.eu.auth0.com/ --client-id a', { environment });
    const said = /--audience is missing, and Auth0 needs it\n\s+write: --audience https:/;
    expect({ code, error }).toMatchObject({ code: 2, error: expect.stringMatching(said) });
  });

  it('fails where the file of the secret cannot be read', async () => {
    const missing = { environment: { M2M_CLIENT_SECRET_FILE: join(folder, 'none') } };
    expect(await token('', missing)).toMatchObject({ code: 2, error: expect.stringContaining('ENOENT') });
    expect(JSON.parse((await token('--json', missing)).error)).toMatchObject({
      message: expect.stringContaining('M2M_CLIENT_SECRET_FILE names a file that cannot be read'),
    });
  });
});

describe('nestjs-m2m serve', () => {
  it('writes what a service needs to use it', async () => {
    const line = 'serve --dialect cognito --client m2m:sec:ret --scope read --resource shop --port 0';
    const { code, out, error } = await command(line);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(out).toMatch(/^Cognito \(cognito\) for development/);
    expect(out).toMatch(/M2M_ISSUER=http:\/\/127\.0\.0\.1:\d+\/eu-central-1_Test\n/);
    expect(out).toContain('M2M_PROVIDER=cognito\n');
    expect(out).toContain('M2M_CLIENT_SECRET=sec:ret\n');
    expect(out).toContain('M2M_SCOPE=shop/read\n');
  });

  it('writes JSON on one line', async () => {
    const { out } = await command('serve --json --port 0 -c a:1 -c b:2 -s x -s y -r one -r two --token-lifetime 60');
    expect(JSON.parse(out)).toMatchObject({
      dialect: 'standard',
      resources: ['one', 'two'],
      clients: [
        { clientId: 'a', clientSecret: '1' },
        { clientId: 'b', clientSecret: '2' },
      ],
      environment: { M2M_PROVIDER: 'oidc', M2M_SCOPE: 'x y', M2M_RESOURCE: 'one', M2M_API_AUDIENCE: 'one' },
    });
  });

  it('writes requests as lines of text or JSON', () => {
    const request = {
      endpoint: 'keys',
      method: 'GET',
      path: '/keys',
      headers: {},
      parameters: {},
      clientId: undefined,
    } as const;
    const answered = { ...request, status: 200, error: undefined };
    expect(describeRequest(answered, false)).toBe('GET /keys 200');
    expect(describeRequest(answered, true)).toBe('{"method":"GET","path":"/keys","status":200}');
  });

  it('escapes everything but printable ASCII (claim 8.2)', async () => {
    const request = { endpoint: undefined, method: 'GET', path: '/', headers: {}, parameters: {} };
    const hostile = { ...request, clientId: 'a\u001b[2J\u202eb\u0007', status: 401, error: 'é\n2' };
    expect(describeRequest(hostile, false)).toBe(String.raw`GET / a\u001b[2J\u202eb\u0007 401 \u00e9\u000a2`);
    const json = describeRequest(hostile, true);
    expect(json).toMatch(/^[ -~]+$/);
    expect(JSON.parse(json)).toMatchObject({ clientId: hostile.clientId, error: hostile.error });
    const { out } = await command('serve --port 0 --client \u001b[2Jb:c');
    expect(out).toMatch(/^[ -~\n]+$/);
    expect(out).toContain(String.raw`\u001b[2Jb`);
  });

  it.each<TestDialectName>(['standard', 'simpleIdServer'])(
    'answers to loopback hosts with its port only, and says how a container reaches it (claim 8.3): %s',
    async (dialect) => {
      await using server = await serving(['--dialect', dialect]);
      const { metadata } = server;
      const { port } = new URL(metadata);
      const path = new URL(metadata).pathname;
      const ask = (host: string | undefined) => statusOf(Number(port), path, host);
      for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
        expect([host, (await ask(host)).status]).toEqual([host, 200]);
      }
      const others = [
        `rebound.example:${port}`,
        `host.docker.internal:${port}`,
        `app.localhost:${port}`,
        `localhost.:${port}`,
        'localhost',
        'localhost:1',
        `localhost:${port}/path`,
        `user@localhost:${port}`,
        `localhost:${port}, rebound.example`,
        `0.0.0.0:${port}`,
      ];
      for (const host of others) expect([host, (await ask(host)).status]).toEqual([host, 421]);
      const { body } = await ask(others[0]);
      expect(JSON.parse(body)).toEqual({
        error: 'invalid_request',
        error_description: expect.stringContaining(`http://localhost:${port}; in a container`),
      });
      expect(body).not.toContain('rebound');
      expect(server.out.at(-1)).toBe(`GET ${path} 421 invalid_request\n`);
    },
  );

  const dialects: TestDialectName[] = ['standard', 'auth0', 'simpleIdServer', 'entraId', 'hydra', 'spring', 'zitadel'];

  it.each(dialects)('serves until it is interrupted, and the curl line that it writes works: %s', async (dialect) => {
    await using server = await serving(['--dialect', dialect, '--client', "o'rders:s p"]);
    const { out } = server;
    const [curl = ''] = /curl .*/.exec(out[0]!) ?? [];
    const body = await inShell(curl);
    expect(JSON.parse(body)).toMatchObject({ access_token: expect.any(String) });
    expect(await server.interrupt()).toBe(0);
    expect(out.at(-1)).toMatch(/^POST \S+ \S+ 200\n$/);
  });
});

/** The answer to a request with any Host, or with none. */
function statusOf(port: number, path: string, host = ''): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = requestTo({ host: '127.0.0.1', port, path, headers: { host } }, (answer) => {
      readText(answer).then((body) => resolve({ status: answer.statusCode, body }), reject);
    });
    sent.on('error', reject).end();
  });
}
