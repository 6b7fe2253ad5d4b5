import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Catch,
  Controller,
  Get,
  HttpException,
  Inject,
  Injectable,
  NotFoundException,
  Res,
  Sse,
  StreamableFile,
  UnauthorizedException,
  UseFilters,
  UseGuards,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type MessageEvent,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { of, type Observable } from 'rxjs';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import type { M2MRequest } from '../../../lib/resource-server/transports/m2m-request.js';
import { platforms, startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';
import { sendRaw, type RawResponse } from '../../support/raw-request.js';

type Headers = Readonly<Record<string, string | undefined>>;

const headersOf = (context: ExecutionContext): Headers =>
  context.switchToHttp().getRequest<{ headers: Headers }>().headers;

/** Lets in machines, and whoever has the key. */
@Injectable()
class MachineOrKeyGuard implements CanActivate {
  constructor(@Inject(M2MGuard) private readonly m2m: M2MGuard) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      return await this.m2m.canActivate(context);
    } catch (error) {
      if (headersOf(context)['x-key'] === 'open') return true;
      throw error;
    }
  }
}

/** The same, with a challenge of its own for passwords. */
@Injectable()
class PasswordOrMachineGuard extends MachineOrKeyGuard {
  constructor(
    @Inject(M2MGuard) m2m: M2MGuard,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {
    super(m2m);
  }

  override canActivate(context: ExecutionContext): Promise<boolean> {
    const response = context.switchToHttp().getResponse<object>();
    this.adapterHost.httpAdapter.setHeader(response, 'WWW-Authenticate', 'Basic realm="people"');
    return super.canActivate(context);
  }
}

/** Sees no credentials. */
@Injectable()
class BlindGuard extends M2MGuard {
  protected override getRequest(context: ExecutionContext): M2MRequest {
    return { ...super.getRequest(context), headers: {} };
  }
}

@Injectable()
class TwiceGuard implements CanActivate {
  constructor(
    @Inject(M2MGuard) private readonly m2m: M2MGuard,
    @Inject(BlindGuard) private readonly blind: BlindGuard,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    return await Promise.resolve(this.m2m.canActivate(context)).catch(() => this.blind.canActivate(context));
  }
}

/** Answers with the status that the request names. */
@Catch(HttpException)
class StatusFilter implements ExceptionFilter<HttpException> {
  constructor(@Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost) {}

  catch(_exception: HttpException, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { headers } = http.getRequest<{ headers: Headers }>();
    this.adapterHost.httpAdapter.reply(http.getResponse(), { own: true }, Number(headers['x-status']));
  }
}

/** Express's response, or Fastify's reply. */
type AnyResponse = ServerResponse & { readonly raw?: ServerResponse; hijack?(): unknown };

@Controller()
@UseGuards(MachineOrKeyGuard)
class ItemsController {
  @Get('plain')
  plain(): string {
    return 'plain';
  }

  @Get('missing')
  missing(): never {
    throw new NotFoundException();
  }

  @Get('file')
  file(): StreamableFile {
    return new StreamableFile(Readable.from([Buffer.from('file')]));
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return of({ data: 'event' });
  }

  @Get('raw')
  raw(@Res() response: AnyResponse): void {
    response.hijack?.();
    (response.raw ?? response).writeHead(202, { 'x-own': 'yes' }).end('raw');
  }

  @Get('implicit')
  implicit(@Res() response: AnyResponse): void {
    response.hijack?.();
    (response.raw ?? response).end('implicit');
  }

  @Get('own-challenge')
  ownChallenge(
    @Res({ passthrough: true }) response: AnyResponse & { header(name: string, value: string): void },
  ): never {
    response.header('WWW-Authenticate', 'Key');
    throw new UnauthorizedException();
  }
}

@Controller('both')
@UseGuards(PasswordOrMachineGuard)
class BothController {
  @Get()
  plain(): string {
    return 'plain';
  }
}

@Controller('twice')
@UseGuards(TwiceGuard)
class TwiceController {
  @Get()
  plain(): string {
    return 'plain';
  }
}

@Controller('filtered')
@UseGuards(M2MGuard)
@UseFilters(StatusFilter)
class FilteredController {
  @Get()
  plain(): string {
    return 'plain';
  }
}

const CHALLENGE = 'Bearer realm="m2m"';

describe.each(platforms)('the headers of a refusal on %s', (platform) => {
  let issuer: TestIssuer;
  let guarded: GuardedApp;

  const start = (server: TestIssuer): Promise<GuardedApp> =>
    startGuardedApp({
      platform,
      options: {
        authorizationServer: server.authorizationServer,
        resourceServer: { audience: testAudience, realm: 'm2m', unguarded: 'allow' },
      },
      controllers: [ItemsController, BothController, TwiceController, FilteredController],
      providers: [BlindGuard],
    });

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    guarded = await start(issuer);
  });
  afterAll(async () => {
    await guarded[Symbol.asyncDispose]();
    await issuer.stop();
  });

  const get = (path: string, headers: readonly string[] = [], method = 'GET'): Promise<RawResponse> =>
    sendRaw(guarded.url, [`${method} ${path} HTTP/1.1`, ...headers]);

  it.each([
    ['GET', '/plain', 200],
    ['HEAD', '/plain', 200],
    ['GET', '/missing', 404],
    ['GET', '/file', 200],
    ['GET', '/events', 200],
    ['GET', '/raw', 202],
    ['GET', '/implicit', 200],
  ])('are gone if another guard lets the request in: %s %s', async (method, path, status) => {
    const refused = await get(path, [], method);
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, CHALLENGE]);
    const letIn = await fetch(`${guarded.url}${path}`, { method, headers: { 'x-key': 'open' } });
    await letIn.body?.cancel();
    expect([letIn.status, letIn.headers.get('www-authenticate')]).toEqual([status, null]);
  });

  it('leave the headers of the handler alone', async () => {
    expect((await get('/raw', ['X-Key: open'])).headers).toMatchObject({ 'x-own': 'yes' });
    expect((await get('/own-challenge', ['X-Key: open'])).headers['www-authenticate']).toBe('Key');
  });

  it('are gone if the keys were unavailable, and another guard lets the request in', async () => {
    await using broken = await TestIssuer.start();
    broken.breakKeySet((response) => response.destroy());
    await using app = await start(broken);
    const authorization = `Authorization: Bearer ${await broken.mint()}`;
    const refused = await sendRaw(app.url, ['GET /plain HTTP/1.1', authorization]);
    expect([refused.status, Number(refused.headers['retry-after'])]).toEqual([503, expect.any(Number)]);
    const letIn = await sendRaw(app.url, ['GET /plain HTTP/1.1', authorization, 'X-Key: open']);
    expect(letIn).toMatchObject({ status: 200, body: 'plain' });
    expect(letIn.headers).not.toHaveProperty('retry-after');
  });

  it('stand beside the challenge of another guard, which stays', async () => {
    const refused = await get('/both');
    const challenges = refused.headers['www-authenticate']?.split('\n');
    expect([refused.status, challenges]).toEqual([401, ['Basic realm="people"', CHALLENGE]]);
    const letIn = await get('/both', ['X-Key: open']);
    expect([letIn.status, letIn.headers['www-authenticate']]).toEqual([200, 'Basic realm="people"']);
  });

  it('are those of the last guard of this package', async () => {
    const refused = await get('/twice', ['Authorization: Bearer aaaa.bbbb.cccc']);
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, CHALLENGE]);
  });

  it.each([
    ['401 of a filter', 401, [], CHALLENGE],
    [
      '401 of a filter in place of another status',
      401,
      ['Authorization: Bearer'],
      expect.stringContaining('error="invalid_request"'),
    ],
    ['400 of a filter', 400, ['Authorization: Bearer'], expect.stringContaining('error="invalid_request"')],
    ['404 of a filter that hides the route', 404, [], undefined],
    ['200 of a filter that has the error in the body', 200, [], undefined],
  ])('stand on a %s as they should', async (_name, status, headers, challenge) => {
    const answer = await get('/filtered', [`X-Status: ${status}`, ...headers]);
    expect(answer).toMatchObject({ status, body: '{"own":true}' });
    expect(answer.headers['www-authenticate']).toEqual(challenge);
  });
});
