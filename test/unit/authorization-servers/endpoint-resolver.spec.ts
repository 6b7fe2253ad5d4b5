import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { AuthorizationServer } from '../../../lib/authorization-servers/authorization-server.js';
import { EndpointResolver } from '../../../lib/authorization-servers/endpoint-resolver.js';
import { DiscoveryError } from '../../../lib/errors/discovery.error.js';
import { AuthorizationServerHttp } from '../../../lib/http/authorization-server-http.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { json, TestHttpServer, type SeenRequest } from '../../support/http-server.js';

const MINUTE = 60 * 1000;
const OIDC = '/.well-known/openid-configuration';
const OAUTH = '/.well-known/oauth-authorization-server';

type Answer = (response: ServerResponse, request: SeenRequest) => unknown;

let server: TestHttpServer;
let clock: TestClock;
let resolver: EndpointResolver;
afterEach(() => server.stop());

/** Starts a server that answers at some paths, and 404 at the others. */
async function serve(answers: Record<string, Answer>): Promise<void> {
  server = await TestHttpServer.start((request, response) => (answers[request.url] ?? notFound)(response, request));
  clock = new TestClock();
  const http = new AuthorizationServerHttp({}, clock);
  resolver = new EndpointResolver((request) => http.request(request), clock);
}

const notFound: Answer = (response) => response.writeHead(404).end('not here');
const metadata =
  (path = '', more: object = {}): Answer =>
  (response) =>
    json(response, 200, {
      issuer: server.url + path,
      token_endpoint: `${server.url}/token`,
      jwks_uri: 'jwks',
      ...more,
    });

const issuer = (path = ''): AuthorizationServer => ({ name: 'test', issuer: server.url + path });
const tokenEndpoint = (path?: string, timeout = 5000): Promise<string> =>
  resolver.resolve(issuer(path), 'tokenEndpoint', timeout);
const asked = (): string[] => server.requests.map(({ url }) => url);

async function failure(promise: Promise<unknown>): Promise<DiscoveryError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DiscoveryError);
  return error as DiscoveryError;
}

describe('discovery', () => {
  it('asks for JSON at the OpenID Connect path', async () => {
    await serve({ [OIDC]: metadata() });
    await expect(tokenEndpoint()).resolves.toBe(`${server.url}/token`);
    expect(asked()).toEqual([OIDC]);
    expect(server.requests[0]).toMatchObject({ method: 'GET', headers: { accept: 'application/json' } });
  });

  it.each([
    ['RFC 8414 only', { [`${OAUTH}/realm`]: metadata('/realm') }, 2],
    ['RFC 8414 below the issuer, as Logto does', { [`/realm${OAUTH}`]: metadata('/realm') }, 3],
  ])('finds a server that publishes by %s', async (_name, answers, requests) => {
    await serve(answers);
    await expect(tokenEndpoint('/realm')).resolves.toBe(`${server.url}/token`);
    expect(asked()).toHaveLength(requests);
  });

  it.each<[string, Answer, string]>([
    [
      'HTML with status 200, as LemonLDAP::NG has it',
      (response) => response.end('<html></html>'),
      'holds no JSON object',
    ],
    ['half a JSON', (response) => response.end('{"issuer":'), 'holds no JSON object'],
    ['JSON null', (response) => json(response, 200, null), 'holds no JSON object'],
    ['a list', (response) => json(response, 200, []), 'names no issuer'],
    ['nothing', (response) => response.end(), 'holds no JSON object'],
    ['another issuer', metadata('/other'), 'is of the issuer "http:'],
    ['its issuer with a slash', metadata('/'), 'is of the issuer "http:'],
    ['an issuer that is no text', metadata('', { issuer: ['a'] }), 'names no issuer'],
    ['a redirect to a login', (response) => response.writeHead(302, { location: '/login' }).end(), 'answered 302'],
    ['an error', (response) => response.writeHead(500).end(), 'answered 500'],
    ['another success', (response) => response.writeHead(204).end(), 'answered 204'],
    ['too much', (response) => response.end(Buffer.alloc(1024 * 1024)), 'answered more than 524288 bytes'],
  ])('goes on where a place holds %s', async (_name, answer, reason) => {
    await serve({ [OIDC]: answer, [OAUTH]: metadata() });
    await expect(tokenEndpoint()).resolves.toBe(`${server.url}/token`);

    await server.stop();
    await serve({ [OIDC]: answer });
    const error = await failure(tokenEndpoint());
    expect(error.message).toContain(`no metadata of the issuer ${server.url}: `);
    expect(error.message).toContain(reason);
    expect(error.message).toContain(`${server.url}${OAUTH} answered 404`);
  });

  it('reads metadata after a byte order mark', async () => {
    const text = (): string => JSON.stringify({ issuer: server.url, token_endpoint: `${server.url}/token` });
    await serve({ [OIDC]: (response) => response.writeHead(200).end(`\uFEFF${text()}`) });
    await expect(tokenEndpoint()).resolves.toBe(`${server.url}/token`);
  });

  it('shows only the beginning of a foreign issuer', async () => {
    await serve({ [OIDC]: metadata('x'.repeat(10_000)) });
    expect((await failure(tokenEndpoint())).message.length).toBeLessThan(600);
  });

  it('stops at the first place where the server cannot be reached', async () => {
    await serve({ [OIDC]: (response) => response.destroy() });
    const error = await failure(tokenEndpoint());
    expect(error.message).toContain('failed: ECONNRESET');
    expect(error.cause).toMatchObject({ failure: 'network' });
    expect(asked()).toEqual([OIDC]);
  });

  it('has one deadline for all places', async () => {
    const arrived: string[] = [];
    const waiting: (() => void)[] = [];
    await serve(
      Object.fromEntries(
        [OIDC, OAUTH].map((path) => [
          path,
          (response: ServerResponse) => {
            arrived.push(path);
            waiting.push(() => response.writeHead(404).end());
          },
        ]),
      ),
    );
    const failed = failure(tokenEndpoint());
    await until(() => arrived.length === 1);
    await clock.advance(4000);
    waiting[0]?.();
    await until(() => arrived.length === 2);
    await clock.advance(1000);
    expect((await failed).message).toContain('did not finish in 1000 ms');
  });
});

describe('EndpointResolver', () => {
  it('uses what is given, and asks nobody', async () => {
    await serve({});
    const given = { ...issuer(), tokenEndpoint: 'https://a/token', jwksUri: 'https://a/jwks' };
    await expect(resolver.resolve(given, 'tokenEndpoint', 5000)).resolves.toBe('https://a/token');
    await expect(resolver.resolve(given, 'jwksUri', 5000)).resolves.toBe('https://a/jwks');
    expect(asked()).toEqual([]);
  });

  it.each([
    ['is absent', undefined],
    ['is no URL', 'token'],
    ['is no text', ['https://a']],
  ])('says which line to write where an endpoint %s', async (_name, token_endpoint) => {
    await serve({ [OIDC]: metadata('', { token_endpoint }) });
    const { message } = await failure(tokenEndpoint());
    expect(message).toContain(`the metadata of ${server.url} has no token_endpoint`);
    expect(message).toContain("{ ...server, tokenEndpoint: 'https://...' }");
  });

  it('asks once for many that wait, and once an hour', async () => {
    await serve({ [OIDC]: metadata('', { jwks_uri: 'https://a/jwks' }) });
    await Promise.all(Array.from({ length: 100 }, () => tokenEndpoint()));
    await resolver.resolve(issuer(), 'jwksUri', 5000);
    await clock.advance(60 * MINUTE - 1);
    await tokenEndpoint();
    expect(asked()).toHaveLength(1);
    await clock.advance(1);
    await tokenEndpoint();
    expect(asked()).toHaveLength(2);
  });

  it('keeps the issuers apart', async () => {
    await serve({
      [`/a${OIDC}`]: metadata('/a'),
      [`/b${OIDC}`]: metadata('/b', { token_endpoint: 'https://b/token' }),
    });
    await expect(Promise.all([tokenEndpoint('/a'), tokenEndpoint('/b')])).resolves.toEqual([
      `${server.url}/token`,
      'https://b/token',
    ]);
  });

  it('tells all that wait of a failure, and asks again after it', async () => {
    let down = true;
    await serve({ [OIDC]: (response, request) => (down ? notFound : metadata())(response, request) });
    const failures = await Promise.all([failure(tokenEndpoint()), failure(tokenEndpoint())]);
    expect(failures[0]).toBe(failures[1]);
    down = false;
    await expect(tokenEndpoint()).resolves.toBe(`${server.url}/token`);
  });

  it('lets nobody wait for longer than its own deadline, whoever began', async () => {
    const waiting: (() => void)[] = [];
    await serve({ [OIDC]: (response, request) => void waiting.push(() => metadata()(response, request)) });
    const [patient, impatient] = [tokenEndpoint(''), failure(tokenEndpoint('', 500))];
    await until(() => waiting.length === 1);
    await clock.advance(500);
    expect(await impatient).toMatchObject({
      message: `no metadata of the issuer ${server.url}: none came in 500 ms`,
      cause: { failure: 'timeout' },
    });
    waiting[0]?.();
    await expect(patient).resolves.toBe(`${server.url}/token`);
    expect(asked()).toHaveLength(1);
  });

  it('goes on with what it knows where a discovery that somebody else began takes too long', async () => {
    let down = false;
    await serve({ [OIDC]: (response, request) => (down ? undefined : metadata()(response, request)) });
    await tokenEndpoint();
    down = true;
    await clock.advance(60 * MINUTE);
    const [, impatient] = [tokenEndpoint(), tokenEndpoint('', 500)];
    await until(() => asked().length === 2);
    await clock.advance(500);
    await expect(impatient).resolves.toBe(`${server.url}/token`);
  });

  it('goes on with what it knows while no newer can be had, and asks again a minute later', async () => {
    let down = false;
    await serve({ [OIDC]: (response, request) => (down ? notFound : metadata())(response, request) });
    await tokenEndpoint();
    down = true;
    await clock.advance(60 * MINUTE);
    await expect(tokenEndpoint()).resolves.toBe(`${server.url}/token`);
    const before = asked().length;
    await clock.advance(MINUTE - 1);
    await tokenEndpoint();
    expect(asked()).toHaveLength(before);
    await clock.advance(1);
    await tokenEndpoint();
    expect(asked().length).toBeGreaterThan(before);
  });

  it.each([
    ['a client with a certificate', true, 'https://mtls/token'],
    ['any other client', false, 'https://plain/token'],
  ])('finds the token endpoint for %s', async (_name, isMutualTls, expected) => {
    const aliases = { token_endpoint: 'https://mtls/token' };
    await serve({ [OIDC]: metadata('', { token_endpoint: 'https://plain/token', mtls_endpoint_aliases: aliases }) });
    await expect(resolver.resolve(issuer(), 'tokenEndpoint', 5000, isMutualTls)).resolves.toBe(expected);
  });

  it.each([
    ['none', undefined],
    ['no URL', { token_endpoint: 'token' }],
    ['a list', ['https://mtls/token']],
    ['null', null],
  ])(
    'finds the token endpoint of others for a client with a certificate if the alias is %s',
    async (_name, aliases) => {
      await serve({ [OIDC]: metadata('', { mtls_endpoint_aliases: aliases }) });
      await expect(resolver.resolve(issuer(), 'tokenEndpoint', 5000, true)).resolves.toBe(`${server.url}/token`);
    },
  );
});

describe('metadataUrl', () => {
  const PUBLIC = 'https://sso.example.com/realms/acme';
  const elsewhere = (): AuthorizationServer => ({ issuer: PUBLIC, metadataUrl: `${server.url}/elsewhere?key=s3cret` });

  it('is the only place where metadata is read', async () => {
    await serve({ '/elsewhere?key=s3cret': metadata('', { issuer: PUBLIC }) });
    await expect(resolver.resolve(elsewhere(), 'tokenEndpoint', 5000)).resolves.toBe(`${server.url}/token`);
    expect(asked()).toEqual(['/elsewhere?key=s3cret']);
  });

  it('must still hold the issuer', async () => {
    await serve({ '/elsewhere?key=s3cret': metadata() });
    const { message } = await failure(resolver.resolve(elsewhere(), 'tokenEndpoint', 5000));
    expect(message).toBe(
      `no metadata of the issuer ${PUBLIC}: ${server.url}/elsewhere is of the issuer "${server.url}"`,
    );
  });

  it('keeps servers of one issuer apart', async () => {
    await serve({ [OIDC]: metadata(), '/elsewhere': metadata('', { token_endpoint: 'https://b/other' }) });
    const moved = { ...issuer(), metadataUrl: `${server.url}/elsewhere` };
    const both = [issuer(), moved].map((each) => resolver.resolve(each, 'tokenEndpoint', 5000));
    await expect(Promise.all(both)).resolves.toEqual([`${server.url}/token`, 'https://b/other']);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
