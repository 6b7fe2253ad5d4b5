import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { isRunning } from '../../support/child-process.js';
import { CompiledSources } from '../../support/compiled-sources.js';

const MAIN = 'lib/cli/main.ts';

let compiled: CompiledSources;
let folder: string;
beforeAll(async () => {
  compiled = await CompiledSources.compile([]);
  folder = mkdtempSync(join(tmpdir(), 'nestjs-m2m-'));
});
afterAll(async () => {
  await compiled[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

type Environment = Readonly<Record<string, string>>;

function start(args: readonly string[], env: Environment = {}): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [compiled.path(MAIN), ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function end(args: readonly string[], env?: Environment) {
  const child = start(args, env);
  const [[code], out, error] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  return { code: code as number | null, out, error };
}

interface Described {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly clients: readonly { readonly clientId: string; readonly clientSecret?: string }[];
  readonly environment: Environment;
  readonly userTokens: readonly { readonly user: string; readonly accessToken: string }[];
}

/** A running `serve --json`. */
async function serve(args: readonly string[]) {
  const child = start(['serve', '--json', '--port', '0', ...args]);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const interrupt = async (): Promise<number | null> => {
    child.kill('SIGINT');
    return ((await once(child, 'exit')) as [number | null])[0];
  };
  return {
    ...(JSON.parse(line.toString()) as Described),
    interrupt,
    async [Symbol.asyncDispose](): Promise<void> {
      if (isRunning(child)) await interrupt();
    },
  };
}

function requestToken(endpoint: string, client: string, parameters: Readonly<Record<string, string>> = {}) {
  return postToken(endpoint, parameters, { authorization: `Basic ${Buffer.from(client).toString('base64')}` });
}

async function postToken(endpoint: string, parameters: Readonly<Record<string, string>>, headers = {}) {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...parameters });
  const answer = await fetch(endpoint, { method: 'POST', headers, body });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

describe('the process of nestjs-m2m', () => {
  it.each<[readonly string[], string]>([
    [['serve', '--signing-alg', 'HS256'], "argument 'HS256' is invalid. Allowed choices are RS256"],
    [['token', '--scope', 'a "b"'], 'argument \'a "b"\' is invalid. It holds a character that no scope may have'],
  ])('ends %j with exit code 2', async (args, said) => {
    expect(await end(args)).toEqual({ code: 2, out: '', error: expect.stringContaining(said) });
  });

  it('refuses a file without a public key with exit code 2', async () => {
    const file = join(folder, 'no-key.pem');
    writeFileSync(file, 'none');
    const said = expect.stringContaining(`--public-key names a file without a key: ${file}`);
    expect(await end(['serve', '--public-key', `a:${file}`])).toMatchObject({ code: 2, error: said });
  });

  it('says of a variable what is wrong with it, and takes an empty one for absent', async () => {
    const environment = {
      M2M_ISSUER: 'ftp://x',
      M2M_CLIENT_ID: 'a',
      M2M_PROVIDER: '',
      M2M_SCOPE: ' ',
      M2M_AUDIENCE: '',
    };
    const said = expect.stringMatching(/M2M_ISSUER is not an HTTPS URL\n\s+write: M2M_ISSUER=https/);
    expect(await end(['token'], environment)).toMatchObject({ code: 2, error: said });
  });

  it('requests a token of all resources that M2M_RESOURCE names', async () => {
    await using server = await serve(['--client', 'orders:s3cret', '--resource', 'one', '--resource', 'two']);
    const { code, out } = await end(['token'], { ...server.environment, M2M_RESOURCE: 'one two' });
    expect(code).toBe(0);
    expect(decodeJwt(out.trim()).aud).toEqual(['one', 'two']);
  });

  it('ends serve with exit code 0 when it is interrupted', async () => {
    await using server = await serve([]);
    expect(await server.interrupt()).toBe(0);
  });

  it('lets an interruption end a token command that waits for an answer', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const issuer = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const child = start(['token', '--issuer', issuer, '--client-id', 'a'], { M2M_CLIENT_SECRET: 's3cret' });
    await once(silent, 'request');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
    silent.close();
  });
});

describe('the process of nestjs-m2m serve', () => {
  it('gives each client its own scopes', async () => {
    const clients = ['--client', 'orders:1', '--client', 'billing:2', '--client-scope', 'billing:read  write'];
    await using server = await serve([...clients, '--scope', 'read', '--scope', 'write', '--scope', 'admin']);
    const scopeOf = async (client: string) => (await requestToken(server.tokenEndpoint, client)).body['scope'];
    expect(await scopeOf('orders:1')).toBe('read write admin');
    expect(await scopeOf('billing:2')).toBe('read write');
    const refused = await requestToken(server.tokenEndpoint, 'billing:2', { scope: 'admin' });
    expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
  });

  it('lets clients act in its organizations only', async () => {
    await using server = await serve([
      '-d',
      'auth0',
      '-c',
      'orders:1',
      '--organization',
      'acme',
      '--organization',
      'b',
    ]);
    const requested = { audience: 'https://api.example.test' };
    const ask = (organization: string) =>
      requestToken(server.tokenEndpoint, 'orders:1', { ...requested, organization });
    expect(decodeJwt((await ask('acme')).body['access_token']!)).toMatchObject({ org_id: 'acme' });
    expect((await ask('b')).status).toBe(200);
    expect((await ask('other')).status).toBe(403);
  });

  it('prints tokens of users', async () => {
    await using server = await serve(['-c', 'orders:1', '--user', 'anna', '--user', 'b', '--signing-alg', 'ES256']);
    const [anna, b] = server.userTokens;
    expect(decodeProtectedHeader(anna!.accessToken).alg).toBe('ES256');
    expect(decodeJwt(anna!.accessToken)).toMatchObject({ iss: server.issuer, sub: 'anna', client_id: 'orders' });
    expect([anna!.user, b!.user]).toEqual(['anna', 'b']);
  });

  it.each(['pem', 'jwk'] as const)('knows a client by its public key: %s', async (form) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const file = join(folder, `key.${form}`);
    const pem = publicKey.export({ format: 'pem', type: 'spki' });
    writeFileSync(file, form === 'pem' ? pem : JSON.stringify(publicKey.export({ format: 'jwk' })));
    await using server = await serve(['--public-key', `orders:${file}`]);
    expect(server.clients).toEqual([{ clientId: 'orders' }]);
    const assertion = await new SignJWT({ jti: form, iss: 'orders', sub: 'orders', aud: server.issuer })
      .setProtectedHeader({ alg: 'ES256' })
      .setExpirationTime('1 min')
      .sign(privateKey);
    const { status, body } = await postToken(server.tokenEndpoint, {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });
    expect(status).toBe(200);
    expect(decodeJwt(body['access_token']!)).toMatchObject({ client_id: 'orders' });
  });
});
