import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import type { TestAuthorizationServerOptions } from '../../../lib/testing/options/test-authorization-server-options.js';
import { selfSignedCertificate } from '../../support/certificates.js';
import { CompiledSources } from '../../support/compiled-sources.js';

const API = 'https://api.example.test';
const SECRET = 's3cret-of-orders';
const DOCTOR = ['doctor'];
const LIVE = ['doctor', '--live', '--yes'];
const EXPLAIN = ['explain', '--scope', 'write:products'];

type Environment = Readonly<Record<string, string>>;

interface Broken {
  /** Of the server. */
  readonly options?: TestAuthorizationServerOptions;
  readonly command: readonly string[];
  /** What breaks it, beside the environment of a set-up that works. */
  readonly broken?: (server: TestAuthorizationServer) => Environment;
  /** The token on standard input. */
  readonly token?: (server: TestAuthorizationServer) => Promise<string>;
  /** What the report says. */
  readonly cause: RegExp;
  /** The line that it says to write. */
  readonly line: (server: TestAuthorizationServer) => string;
  /** The environment in which nothing is wrong any more, or the token. */
  readonly cured?: (server: TestAuthorizationServer) => Environment;
  readonly curedToken?: (server: TestAuthorizationServer) => Promise<string>;
}

let compiled: CompiledSources;
let folder: string;
const tls = selfSignedCertificate('private authority');
beforeAll(async () => {
  compiled = await CompiledSources.compile([]);
  folder = mkdtempSync(join(tmpdir(), 'nestjs-m2m-'));
  writeFileSync(join(folder, 'ca.pem'), tls.cert);
});
afterAll(async () => {
  await compiled[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function run(args: readonly string[], env: Environment, input = '') {
  const child = spawn(process.execPath, [compiled.path('lib/cli/main.ts'), ...args], { env });
  child.stdin.on('error', () => undefined).end(input);
  const [[code], out, error] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  return { code: code as number | null, out, error };
}

/** A process whose clock is 10 minutes behind. */
const CLOCK_BEHIND = '--import "data:text/javascript,const{now}=Date;Date.now=()=>now()-600000"';

const only = (authentication: 'client_secret_post' | 'client_secret_basic') => ({
  clients: { orders: { secret: SECRET, authentication } },
});

const BROKEN: Readonly<Record<string, Broken>> = {
  'a wrong secret': {
    command: LIVE,
    broken: () => ({ M2M_CLIENT_SECRET: 'wr0ng-secret' }),
    cause:
      /\nclient credentials: refused with client_secret_basic, client_secret_post, client_secret_jwt: .*invalid_client/,
    line: () => 'M2M_CLIENT_SECRET=... # the secret that orders has now',
    cured: () => ({}),
  },
  'a wrong authentication method': {
    options: only('client_secret_post'),
    command: LIVE,
    cause:
      /\nclient authentication: the server refuses orders with client_secret_basic, and takes it with client_secret_post/,
    line: () => 'M2M_CLIENT_AUTHENTICATION=client_secret_post',
    cured: () => ({ M2M_CLIENT_AUTHENTICATION: 'client_secret_post' }),
  },
  'an issuer with a slash': {
    command: DOCTOR,
    broken: ({ issuer }) => ({ M2M_ISSUER: `${issuer}/` }),
    cause: /\nissuer: the server says that its issuer is "http.*"; they differ by the slash at its end/,
    line: ({ issuer }) => `M2M_ISSUER=${issuer} #`,
    cured: () => ({}),
  },
  'a private authority': {
    options: { tls },
    command: DOCTOR,
    cause: /\ntls 127\.0\.0\.1:\d+: its certificate is of a private authority.*DEPTH_ZERO_SELF_SIGNED_CERT/,
    line: () => 'NODE_EXTRA_CA_CERTS=/etc/ssl/private-ca.pem',
    cured: () => ({ NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') }),
  },
  'a proxy that nobody listens at': {
    command: DOCTOR,
    broken: () => ({ M2M_ISSUER: 'https://id.example.com', HTTPS_PROXY: 'http://127.0.0.1:9' }),
    cause: /\ndiscovery: requests go through the proxy of HTTPS_PROXY, which cannot be reached.*ECONNREFUSED/,
    line: () => 'NO_PROXY=id.example.com',
  },
  'a clock that is 10 minutes behind': {
    command: DOCTOR,
    broken: () => ({ NODE_OPTIONS: CLOCK_BEHIND }),
    cause: /\nclock: this host is 10 min behind the authorization server/,
    line: () => 'timedatectl set-ntp true',
    cured: () => ({}),
  },
  'a token of a clock that is 10 minutes ahead': {
    command: EXPLAIN,
    broken: () => ({ NODE_OPTIONS: CLOCK_BEHIND }),
    token: (server) => server.mint({ claims: { nbf: Math.floor(Date.now() / 1000) } }),
    cause: /\ntimes: the token (?:is valid only in|was issued) 10 min/,
    line: () => 'timedatectl set-ntp true',
    cured: () => ({}),
  },
  'an audience that is not granted': {
    options: { dialect: 'auth0', clients: { orders: { secret: SECRET, resources: [] } } },
    command: LIVE,
    broken: () => ({ M2M_AUDIENCE: API }),
    cause: /\ntoken request: Auth0 .* access_denied/,
    line: () => 'the API and its scopes, granted to this client at the authorization server',
  },
  'a token for another API': {
    command: [...LIVE, '--audience', 'https://shop-api'],
    cause: /\ntoken: aud: the token is for \["https:\/\/api\.example\.test"\], not for \["https:\/\/shop-api"\]/,
    line: () => 'M2M_AUDIENCE=https://shop-api # for the caller',
  },
  'an opaque token': {
    options: { dialect: 'auth0', clients: { orders: { secret: SECRET } } },
    command: EXPLAIN,
    token: (server) => server.mint({ format: 'opaque' }),
    cause: /\nformat: the token is not a JWT: it looks like an opaque token/,
    line: () => `M2M_AUDIENCE=${API} # for the caller`,
    curedToken: (server) => server.mint(),
  },
  'a key that was rotated': {
    command: EXPLAIN,
    token: async (server) => {
      const token = await server.mint();
      await server.dropKey();
      return token;
    },
    cause: /\nsignature: ".*" publishes no key that the token may be signed with/,
    line: () => 'npx nestjs-m2m token | npx nestjs-m2m explain # with a new token: the key of this one was rotated',
    curedToken: (server) => server.mint(),
  },
  'a scope that is missing': {
    command: EXPLAIN,
    token: (server) => server.mint({ scope: 'read:products' }),
    cause: /\nscope: the client "orders" has \["read:products"\], the route needs \["write:products"\]/,
    line: () => 'M2M_SCOPE=write:products # in the environment of the caller',
    curedToken: (server) => server.mint({ scope: 'write:products' }),
  },
  "a user's token": {
    command: EXPLAIN,
    token: (server) => server.mint({ user: 'anna' }),
    cause: /\nclient: the token of the client "orders" of ".*" is a user's/,
    line: () => 'M2M_API_CALLERS=any # to let users in',
    cured: () => ({ M2M_API_CALLERS: 'any' }),
  },
};

describe('nestjs-m2m doctor and explain', () => {
  it.each(Object.entries(BROKEN))(
    'name the cause of %s, and the line to write',
    async (_name, set) => {
      await using server = await TestAuthorizationServer.start({ clients: { orders: SECRET }, ...set.options });
      const token = (await set.token?.(server)) ?? '';
      const works = { ...server.environment(), ...(set.options?.clients && { M2M_CLIENT_SECRET: SECRET }) };
      const environment = { ...works, ...set.broken?.(server) };
      const { code, out, error } = await run(set.command, environment, token);
      expect({ code, out, error }).toEqual({ code: 1, out: expect.stringMatching(set.cause), error: '' });
      const lines = [...out.matchAll(/^ {4}write: (.*(?:\n {11}.*)*)/gm)].flatMap(([, line = '']) =>
        line.split(/\n +(?:or )?/),
      );
      expect(lines.filter((line) => line.startsWith(set.line(server)))).toHaveLength(1);
      for (const secret of [SECRET, 'wr0ng-secret']) expect(out).not.toContain(secret);
      expect(out).not.toMatch(/ey[\w-]+\.[\w-]+/);

      if (!set.cured && !set.curedToken) return;
      const curedToken = (await set.curedToken?.(server)) ?? token;
      const cured = await run(set.command, { ...works, ...set.cured?.(server) }, curedToken);
      expect(cured).toEqual({ code: 0, out: expect.any(String), error: '' });
    },
    60_000,
  );
});
