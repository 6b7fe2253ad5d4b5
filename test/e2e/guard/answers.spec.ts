import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Options, Post, Query, Req, UseGuards } from '@nestjs/common';
import { CallerNotAllowedError } from '../../../lib/errors/caller-not-allowed.error.js';
import { InsufficientScopeError } from '../../../lib/errors/insufficient-scope.error.js';
import type { M2MResourceServerEvent } from '../../../lib/resource-server/events/m2m-resource-server-event.js';
import { AllowClients } from '../../../lib/resource-server/authorization/decorators/allow-clients.decorator.js';
import { Caller } from '../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { RequireAnyScope } from '../../../lib/resource-server/authorization/decorators/require-any-scope.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import type { M2MRequest } from '../../../lib/resource-server/transports/m2m-request.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';
import { platforms, startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';
import { sendRaw, type RawResponse } from '../../support/raw-request.js';

@UseGuards(M2MGuard)
@Controller('products')
class ProductsController {
  @Get()
  list(@Caller() caller: M2MCaller, @Req() request: M2MRequest): object {
    return { clientId: caller.clientId, isOnRequest: request.m2m === caller && request.user === caller };
  }

  @RequireScopes('write:products')
  @RequireAnyScope('admin', 'editor')
  @Post()
  create(@Body() body: object, @Query() query: object): object {
    return { body, query };
  }

  @AllowClients('billing')
  @Get('bills')
  bills(): string {
    return 'bills';
  }

  @Options()
  options(): string {
    return 'options';
  }

  @Public()
  @Get('health')
  health(@Req() request: M2MRequest): object {
    return { keys: Object.keys(request).filter((key) => key === 'm2m' || key === 'user') };
  }

  @Public()
  @Get('nobody')
  nobody(@Caller() caller: M2MCaller): M2MCaller {
    return caller;
  }
}

const NO_CREDENTIALS = 'Bearer realm="api"';
const INVALID_REQUEST = `${NO_CREDENTIALS}, error="invalid_request", error_description="one access token is needed, in one Authorization header"`;
const INVALID_TOKEN = `${NO_CREDENTIALS}, error="invalid_token", error_description="the access token is not valid here"`;
const INSUFFICIENT_SCOPE = `${NO_CREDENTIALS}, error="insufficient_scope", error_description="the access token lacks a scope that is needed here", scope="write:products admin editor"`;
const NOT_ALLOWED = `${NO_CREDENTIALS}, error="insufficient_scope", error_description="this caller is not allowed"`;

const FORM = 'Content-Type: application/x-www-form-urlencoded';

describe.each(platforms)('M2MGuard on %s', (platform) => {
  let issuer: TestIssuer;
  let guarded: GuardedApp;
  let good: string;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
    good = await issuer.mint();
    guarded = await startGuardedApp({
      platform,
      options: {
        authorizationServer: issuer.authorizationServer,
        resourceServer: { audience: testAudience, realm: 'api' },
      },
      controllers: [ProductsController],
    });
  });
  afterAll(async () => {
    await guarded[Symbol.asyncDispose]();
    await issuer.stop();
  });

  /** `$good` stands for a valid token. */
  function send(requestLine: string, headers: string[], body = ''): Promise<RawResponse> {
    const lines = [`${requestLine} HTTP/1.1`, ...headers].map((line) => line.replaceAll('$good', good));
    return sendRaw(guarded.url, lines, body.replaceAll('$good', good));
  }

  it('lets a valid token in, and leaves its caller on the request', async () => {
    const answer = await send('GET /products', ['Authorization: Bearer $good']);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ clientId: testClientId, isOnRequest: true });
    expect(answer.headers).not.toHaveProperty('www-authenticate');
  });

  const rows: [string, string[], status: number, challenge: string | undefined, body?: string][] = [
    ['GET /products', [], 401, NO_CREDENTIALS],
    ['GET /products', ['Authorization: Basic dTpw'], 401, NO_CREDENTIALS],
    ['GET /products', ['X-Authorization: Bearer $good'], 401, NO_CREDENTIALS],
    ['GET /products?access_token=$good', [], 401, NO_CREDENTIALS],
    ['POST /products', [FORM], 401, NO_CREDENTIALS, 'access_token=$good'],
    ['GET /products', ['Authorization:'], 400, INVALID_REQUEST],
    ['GET /products', ['Authorization: Bearer'], 400, INVALID_REQUEST],
    ['GET /products', ['Authorization: Bearer $good $good'], 400, INVALID_REQUEST],
    ['GET /products', ['Authorization: Bearer $good, Bearer $good'], 400, INVALID_REQUEST],
    ['GET /products', ['Authorization: Bearer $good\u00e9'], 400, INVALID_REQUEST],
    ['GET /products', ['Authorization: Bearer $good', 'Authorization: Bearer $good'], 400, INVALID_REQUEST],
    ['GET /products', ['Authorization: Bearer $good', 'authorization: Basic dTpw'], 400, INVALID_REQUEST],
    ['GET /products?access_token=$good', ['Authorization: Bearer $good'], 400, INVALID_REQUEST],
    ['POST /products', ['Authorization: Bearer $good', FORM], 400, INVALID_REQUEST, 'access_token=$good'],
    ['GET /products', ['Authorization: Bearer aaaa.bbbb.cccc'], 401, INVALID_TOKEN],
    ['GET /products', ['Authorization: Bearer $good.$good'], 401, INVALID_TOKEN],
    ['POST /products', ['Authorization: Bearer $good'], 403, INSUFFICIENT_SCOPE],
    ['GET /products/bills', ['Authorization: Bearer $good'], 403, NOT_ALLOWED],
    ['HEAD /products', ['Authorization: Bearer $good'], 200, undefined],
    ['HEAD /products', [], 401, NO_CREDENTIALS],
    ['OPTIONS /products', ['Authorization: Bearer $good'], 200, undefined],
    ['OPTIONS /products', [], 401, NO_CREDENTIALS],
    ['GET /products/health', [], 200, undefined],
    ['GET /products/health', ['Authorization: Bearer x', 'Authorization: Bearer x'], 200, undefined],
  ];
  it.each(rows)('answers %s with %j', async (...row) => {
    const [requestLine, headers, status, challenge, body] = row;
    const answer = await send(requestLine, headers, body);
    expect({ status: answer.status, challenge: answer.headers['www-authenticate'] }).toEqual({ status, challenge });
    expect(answer.headers).not.toHaveProperty('retry-after');
  });

  it('says in the body what it says in the challenge, and no more (claim 4.6)', async () => {
    const { body } = await send('GET /products', ['Authorization: Bearer aaaa.bbbb.cccc']);
    expect(JSON.parse(body)).toEqual({
      statusCode: 401,
      message: 'the access token is not valid here',
      error: 'Unauthorized',
    });
  });

  it('lets in who holds every scope and one of each group', async () => {
    const token = await issuer.mint({ scope: 'editor write:products' });
    const answer = await send('POST /products', [`Authorization: Bearer ${token}`, FORM], 'name=x');
    expect(answer).toMatchObject({ status: 201, body: JSON.stringify({ body: { name: 'x' }, query: {} }) });
  });

  it('ignores the token that comes to a public route, and has no caller there', async () => {
    expect((await send('GET /products/health', ['Authorization: Bearer $good'])).body).toBe('{"keys":[]}');
    expect((await send('GET /products/nobody', ['Authorization: Bearer $good'])).status).toBe(500);
  });

  it('tells events$ why, once for each refusal', async () => {
    const events: M2MResourceServerEvent[] = [];
    const subscription = guarded.app.get(M2MTokenVerifier).events$.subscribe((event) => events.push(event));
    await send('GET /products', []);
    await send('GET /products', ['Authorization: Bearer $good $good']);
    await send('GET /products', ['Authorization: Bearer aaaa.bbbb.cccc']);
    await send('POST /products', ['Authorization: Bearer $good']);
    await send('GET /products/bills', ['Authorization: Bearer $good']);
    await send('GET /products', ['Authorization: Bearer $good']);
    subscription.unsubscribe();

    const caller = expect.objectContaining({ clientId: testClientId });
    expect(events).toEqual([
      { type: 'token-refused', error: expect.objectContaining({ reason: 'absent' }) },
      { type: 'token-refused', error: expect.objectContaining({ reason: 'request' }) },
      { type: 'token-refused', error: expect.objectContaining({ reason: 'malformed' }) },
      { type: 'caller-refused', error: expect.any(InsufficientScopeError), caller },
      { type: 'caller-refused', error: expect.any(CallerNotAllowedError), caller },
    ]);
  });
});
