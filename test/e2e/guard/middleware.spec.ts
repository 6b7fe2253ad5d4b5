import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  Controller,
  Get,
  Module,
  UseGuards,
  type INestApplication,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CallerNotAllowedError } from '../../../lib/errors/caller-not-allowed.error.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { DiscoveryError } from '../../../lib/errors/discovery.error.js';
import { InsufficientScopeError } from '../../../lib/errors/insufficient-scope.error.js';
import { InvalidTokenError } from '../../../lib/errors/invalid-token.error.js';
import { KeysUnavailableError } from '../../../lib/errors/keys-unavailable.error.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import type { M2MResourceServerEvent } from '../../../lib/resource-server/events/m2m-resource-server-event.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { platforms, startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';
import { sendRaw, type RawResponse } from '../../support/raw-request.js';
import { verificationApp } from '../verification/verification-app.js';
import { guardMetrics } from './recipes/guard-metrics.js';
import { MachinesMiddleware } from './recipes/machines.middleware.js';
import { RawReplyFilter } from './recipes/raw-reply.filter.js';

@Controller()
@UseGuards(M2MGuard)
class GuardedController {
  @Get('guarded')
  guarded(): string {
    return 'guarded';
  }
}

@Controller()
class CheckedController {
  @Public()
  @Get(['checked', 'metrics'])
  checked(): string {
    return 'checked';
  }
}

@Module({})
class MiddlewareModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(MachinesMiddleware).forRoutes('checked');
  }
}

const options = (issuer: TestIssuer) => ({
  authorizationServer: issuer.authorizationServer,
  resourceServer: { audience: testAudience, realm: 'api', allowedClients: [testClientId] },
});

const summaryOf = (each: M2MResourceServerEvent): unknown[] => [each.type, 'error' in each && each.error.message];
const withToken = (token: string): string[] => ['GET / HTTP/1.1', `Authorization: Bearer ${token}`];

/** What of an answer must be the same; Express adds an ETag, and Nest writes the members of a body in its own order. */
function comparable({ status, headers, body }: RawResponse): object {
  const { 'content-type': type, 'content-length': length } = headers;
  const { 'www-authenticate': challenge, 'retry-after': retryAfter } = headers;
  return { status, type, length, challenge, retryAfter, body: body === '' ? '' : (JSON.parse(body) as unknown) };
}

describe.each(platforms)('M2MTokenVerifier in middleware on %s', (platform) => {
  let issuer: TestIssuer;
  let guarded: GuardedApp;
  let verifier: M2MTokenVerifier;
  let tokens: Record<string, string>;
  const events: M2MResourceServerEvent[] = [];

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    guarded = await startGuardedApp({
      platform,
      options: options(issuer),
      controllers: [GuardedController, CheckedController],
      imports: [MiddlewareModule],
    });
    verifier = guarded.app.get(M2MTokenVerifier);
    verifier.events$.subscribe((event) => events.push(event));
    tokens = {
      $good: await issuer.mint(),
      $expired: await issuer.mint({ exp: 1 }),
      $other: await issuer.mint({ client_id: 'other', sub: 'other' }),
    };
  });
  afterAll(async () => {
    await guarded[Symbol.asyncDispose]();
    await issuer.stop();
  });
  beforeEach(() => {
    events.length = 0;
  });

  const filled = (text: string): string => text.replaceAll(/\$\w+/g, (name) => tokens[name] ?? name);
  const send = (requestLine: string, headers: readonly string[]): Promise<RawResponse> =>
    sendRaw(guarded.url, [`${requestLine} HTTP/1.1`, ...headers].map(filled));

  it('lets in a caller, cold and from the cache', async () => {
    const authorization = [`Authorization: Bearer ${await issuer.mint()}`];
    for (const _time of [1, 2]) {
      expect(await send('GET /checked', authorization)).toMatchObject({ status: 200, body: 'checked' });
    }
    const published = events.splice(0).map(({ type }) => type);
    expect(published.filter((type) => type !== 'key-set-fetched')).toEqual(['token-verified']);
  });

  it.each<[string, ...string[]]>([
    ['GET /'],
    ['HEAD /'],
    ['GET /', 'Authorization: Basic dTpw'],
    ['GET /', 'Authorization:'],
    ['GET /', 'Authorization: Bearer'],
    ['GET /', 'Authorization: Bearer $good $good'],
    ['GET /', 'Authorization: Bearer $good', 'Authorization: Bearer $good'],
    ['GET /', 'Authorization: Bearer $good', 'authorization: Basic dTpw'],
    ['GET /?access_token=$good'],
    ['GET /?access_token=$good', 'Authorization: Bearer $good'],
    ['GET /', `Authorization: Bearer ${'a'.repeat(9000)}`],
    ['GET /', 'Authorization: Bearer aaaa.bbbb.cccc'],
    ['GET /', 'Authorization: Bearer $expired'],
    ['GET /', 'Authorization: Bearer $other'],
  ])('answers, publishes and logs as the guard does: %s %s %s', async (requestLine, ...headers) => {
    const byGuard = await send(requestLine.replace(' /', ' /guarded'), headers);
    const [published, logged] = [events.splice(0), guarded.log.at(-1)];
    const byMiddleware = await send(requestLine.replace(' /', ' /checked'), headers);
    expect(byGuard.status).toBeGreaterThanOrEqual(400);
    expect(comparable(byMiddleware)).toEqual(comparable(byGuard));
    expect(events.map(summaryOf)).toEqual(published.map(summaryOf));
    expect(events.length).toBe(1);
    expect(guarded.log.at(-1)?.level).toBe(logged?.level);
    expect(guarded.log.at(-1)?.text.replace(/^(\S+) \S+ /, '$1 ')).toBe(logged?.text.replace(/^(\S+) \S+ /, '$1 '));
  });

  it('answers 503 with Retry-After as the guard does if there are no keys', async () => {
    await using broken = await TestIssuer.start();
    broken.breakKeySet((response) => response.destroy());
    await using app = await startGuardedApp({
      platform,
      options: options(broken),
      controllers: [GuardedController, CheckedController],
      imports: [MiddlewareModule],
    });
    const authorization = `Authorization: Bearer ${await broken.mint()}`;
    const byGuard = await sendRaw(app.url, ['GET /guarded HTTP/1.1', authorization]);
    const byMiddleware = await sendRaw(app.url, ['GET /checked HTTP/1.1', authorization]);
    const expected = { ...comparable(byGuard), status: 503, retryAfter: expect.stringMatching(/^\d+$/) };
    expect(comparable(byMiddleware)).toEqual(expected);
  });

  it('leaves an error that is not for the caller to the application, which answers 500', async () => {
    await using unconfigured = await startGuardedApp({
      platform,
      options: { authorizationServer: issuer.authorizationServer, client: { clientId: 'a', clientSecret: 'b' } },
      controllers: [CheckedController],
      imports: [MiddlewareModule],
    });
    const answer = await sendRaw(unconfigured.url, [
      'GET /checked HTTP/1.1',
      `Authorization: Bearer ${await issuer.mint()}`,
    ]);
    expect(answer).toMatchObject({ status: 500, body: expect.not.stringContaining('resourceServer') });
    expect(answer.headers).not.toHaveProperty('www-authenticate');
  });
});

/** A server without Nest, whose middleware does what a test says. */
async function startServer(handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>) {
  const failures: unknown[] = [];
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      failures.push(error);
      response.destroy();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, failures, [Symbol.asyncDispose]: async () => void (await once(server.close(), 'close')) };
}

describe('M2MTokenVerifier without Nest', () => {
  let issuer: TestIssuer;
  let app: Awaited<ReturnType<typeof verificationApp>>;
  let verifier: M2MTokenVerifier;
  let good: string;
  const events: M2MResourceServerEvent[] = [];

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    app = await verificationApp(options(issuer));
    verifier = app.get(M2MTokenVerifier);
    verifier.events$.subscribe((event) => events.push(event));
    good = await issuer.mint();
  });
  afterAll(async () => {
    await app.close();
    await issuer.stop();
  });
  beforeEach(() => {
    events.length = 0;
  });

  const verified = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      response.end((await verifier.verifyRequest(request)).clientId);
    } catch (error) {
      verifier.refuse(error, response);
    }
  };

  it('serves a server of Node itself', async () => {
    await using server = await startServer(verified);
    expect(await sendRaw(server.url, withToken(good))).toMatchObject({ status: 200, body: testClientId });
    const refused = await sendRaw(server.url, ['GET / HTTP/1.1']);
    expect(refused).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="api"', 'content-type': 'application/json; charset=utf-8' },
      body: '{"message":"an access token is needed","error":"Unauthorized","statusCode":401}',
    });
    expect(server.failures).toEqual([]);
  });

  it('serves HTTP/2', async () => {
    const server = createHttp2Server((request, response) => {
      verifier.verifyRequest(request).catch((error: unknown) => verifier.refuse(error, response));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const request = session.request({ ':path': '/' });
    const [headers] = (await once(request, 'response')) as [Record<string, unknown>];
    expect([headers[':status'], headers['www-authenticate']]).toEqual([401, 'Bearer realm="api"']);
    expect(await json(request)).toMatchObject({ statusCode: 401 });
    session.close();
    await once(server.close(), 'close');
  });

  it('publishes an error that the application made, once, and no error twice', async () => {
    const own = [
      new InsufficientScopeError('may not read metrics'),
      new CallerNotAllowedError('is blocked'),
      new KeysUnavailableError('the deny list is down', 7),
    ];
    await using server = await startServer(async (request, response) => {
      await verifier.verifyRequest(request).catch((error: unknown) => verifier.refuse(error, response));
      if (!response.headersSent) verifier.refuse(own.shift(), response);
    });
    const statuses = [];
    for (const token of [good, good, good, 'a.b']) {
      const { status, headers } = await sendRaw(server.url, withToken(token));
      statuses.push([status, headers['retry-after'] ?? headers['www-authenticate']]);
    }
    expect(statuses).toEqual([
      [403, expect.stringContaining('error="insufficient_scope"')],
      [403, expect.stringContaining('this caller is not allowed')],
      [503, '7'],
      [401, expect.stringContaining('error="invalid_token"')],
    ]);
    expect(events.map(({ type }) => type).filter((type) => type !== 'key-set-fetched')).toEqual([
      'caller-refused',
      'caller-refused',
      'keys-unavailable',
      'token-refused',
    ]);
  });

  it('answers the errors of another copy of the package', async () => {
    jest.resetModules();
    const copy = await import('../../../lib/errors/invalid-token.error.js');
    const foreign = new copy.InvalidTokenError('expired', 'the token has expired');
    expect(foreign).not.toBeInstanceOf(InvalidTokenError);
    await using server = await startServer(async (_request, response) => {
      await Promise.resolve();
      verifier.refuse(foreign, response);
    });
    const refused = await sendRaw(server.url, ['GET / HTTP/1.1']);
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
    expect(events).toEqual([{ type: 'token-refused', error: foreign }]);
  });

  it('throws an error that is not for the caller to know, and touches nothing', async () => {
    const errors = [new TypeError('a bug'), new DiscoveryError('ours'), 'text', undefined];
    await using server = await startServer(async (_request, response) => {
      await Promise.resolve();
      verifier.refuse(errors[server.failures.length], response);
    });
    for (const error of errors) {
      expect(await sendRaw(server.url, ['GET / HTTP/1.1'])).toMatchObject({ body: '' });
      expect(server.failures.at(-1)).toBe(error);
    }
    expect(events).toEqual([]);
  });

  it('blames no caller for something that is no request', async () => {
    await using server = await startServer(async (request, response) => {
      await verifier.verifyRequest({ url: request.url } as IncomingMessage).catch((error: unknown) => {
        verifier.refuse(error, response);
      });
    });
    await sendRaw(server.url, withToken(good));
    expect(server.failures).toMatchObject([{ code: 'ERR_M2M_CONFIGURATION' }]);
    expect(String(server.failures)).toMatch(/M2MTokenVerifier\.verifyRequest was given something without headers/);
    await expect(verifier.verifyRequest(undefined as unknown as IncomingMessage)).rejects.toThrow(
      M2MConfigurationError,
    );
  });

  it('does not touch a response that is on its way', async () => {
    await using server = await startServer(async (request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).write('begun, ');
      await verifier.verifyRequest(request).catch((error: unknown) => verifier.refuse(error, response));
      response.end('ended');
    });
    const answer = await sendRaw(server.url, ['GET / HTTP/1.0']);
    expect(answer).toMatchObject({ status: 200, body: expect.stringMatching(/begun, [^]*ended/) });
    expect(answer.headers).not.toHaveProperty('www-authenticate');
    expect(server.failures).toEqual([]);
  });
});

const configure = (app: INestApplication): void => guardMetrics(app as NestFastifyApplication);

describe('the recipe of a hook on Fastify', () => {
  it('guards what no handler of Nest answers', async () => {
    await using issuer = await TestIssuer.start();
    const platform = 'fastify';
    await using guarded = await startGuardedApp({
      platform,
      options: options(issuer),
      controllers: [GuardedController, CheckedController],
      configure,
    });
    const get = (path: string, token?: string): Promise<RawResponse> =>
      sendRaw(guarded.url, [
        `GET ${path} HTTP/1.1`,
        ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
      ]);
    expect(await get('/checked')).toMatchObject({ status: 200 });
    expect(await get('/metrics')).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="api"' } });
    expect(comparable(await get('/metrics'))).toEqual(comparable(await get('/guarded')));
    expect(await get('/metrics', await issuer.mint())).toMatchObject({ status: 403 });
    expect(await get('/metrics', await issuer.mint({ scope: 'read:metrics' }))).toMatchObject({
      status: 200,
      body: 'checked',
    });
  });
});

describe('the recipe of a filter on Fastify that writes reply.raw', () => {
  it('keeps the challenge of a refusal', async () => {
    await using issuer = await TestIssuer.start();
    await using guarded = await startGuardedApp({
      platform: 'fastify',
      options: options(issuer),
      controllers: [GuardedController],
      providers: [{ provide: APP_FILTER, useClass: RawReplyFilter }],
    });
    const refused = await fetch(`${guarded.url}/guarded`);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api"']);
    expect(await refused.json()).toEqual({ status: 401, title: 'an access token is needed' });
    expect(
      await sendRaw(guarded.url, ['GET /guarded HTTP/1.1', `Authorization: Bearer ${await issuer.mint()}`]),
    ).toMatchObject({ status: 200 });
  });
});
