import { connect, constants, type ClientHttp2Session } from 'node:http2';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, UseGuards, type CanActivate, type INestApplication } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { currentCallerToken } from '../../../lib/caller/caller-context.js';
import { isCallerToken, isOpen, presentCallerToken } from '../../../lib/caller/caller-token.js';
import { CallerToken, M2MGuard, M2MModule, NoCallerTokenError } from '../../../lib/index.js';
import { closedGate } from '../../support/closed-gate.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';
import { until } from '../../support/until.js';

let gate: ReturnType<typeof closedGate>;
let handles: CallerToken[];
/** Requests that wait in a guard after M2MGuard. */
let waiting: number;

async function currentToken(): Promise<string> {
  const handle = currentCallerToken();
  return handle ? (await presentCallerToken(handle)).value : 'none';
}

@Injectable()
class WaitingGuard implements CanActivate {
  async canActivate(): Promise<boolean> {
    waiting += 1;
    await gate.opened;
    return true;
  }
}

@UseGuards(M2MGuard)
@Controller('calls')
class CallsController {
  @Get('now')
  async now(@CallerToken() handle: CallerToken): Promise<string> {
    handles.push(handle);
    await wait(1);
    return currentToken();
  }

  @UseGuards(WaitingGuard)
  @Get('after-a-guard')
  afterGuard(@CallerToken() handle: CallerToken): string {
    handles.push(handle);
    return 'called';
  }

  @Get('slow')
  async slow(@CallerToken() handle: CallerToken): Promise<string> {
    handles.push(handle);
    await gate.opened;
    return currentToken();
  }
}

let issuer: TestIssuer;
let app: INestApplication;
let session: ClientHttp2Session;

beforeAll(async () => {
  issuer = await TestIssuer.start();
  const targets = { products: { url: 'http://127.0.0.1:1', token: 'relay' as const, audience: testAudience } };
  const options = {
    authorizationServer: issuer.authorizationServer,
    client: { clientId: 'orders', clientSecret: 'secret', targets },
    resourceServer: { audience: testAudience },
  };
  const imports = [M2MModule.forRoot(options)];
  const module = await Test.createTestingModule({ imports, controllers: [CallsController] }).compile();
  app = module.createNestApplication(new FastifyAdapter({ http2: true }));
  await app.listen(0, '127.0.0.1');
  session = connect(await app.getUrl());
});

afterAll(async () => {
  session.destroy();
  await app.close();
  await issuer[Symbol.asyncDispose]();
});

beforeEach(() => {
  gate = closedGate();
  handles = [];
  waiting = 0;
});

function ask(path: string, token: string) {
  const stream = session.request({ ':path': path, authorization: `Bearer ${token}` });
  const text = (async () => {
    let all = '';
    for await (const chunk of stream.setEncoding('utf8')) all += String(chunk);
    return all;
  })();
  return { stream, text };
}

it('the context of a caller is of each stream of a session of HTTP/2, and ends with it (claim 9.4)', async () => {
  const tokens = await Promise.all(Array.from({ length: 20 }, (_, index) => issuer.mint({ jti: `stream-${index}` })));
  const slow = ask('/calls/slow', tokens[0] as string);
  await until(() => handles.length === 1);
  expect(await Promise.all(tokens.map((token) => ask('/calls/now', token).text))).toEqual(tokens);
  await until(() => handles.filter(isOpen).length === 1);
  gate.open();
  expect(await slow.text).toBe(tokens[0]);
  await until(() => !handles.some(isOpen));
});

it('the context of a caller ends when the handler has settled if the client gives up the stream (claim 9.3)', async () => {
  const slow = ask('/calls/slow', await issuer.mint());
  slow.text.catch(() => undefined);
  await until(() => handles.length === 1);
  slow.stream.close(constants.NGHTTP2_CANCEL);
  await ask('/calls/now', await issuer.mint()).text;
  expect(handles.map(isOpen)[0]).toBe(true);
  gate.open();
  await until(() => !handles.some(isOpen));
});

it('@CallerToken() is a handle of no use if the caller has given up before the handler began (claim 9.3)', async () => {
  const { stream, text } = ask('/calls/after-a-guard', await issuer.mint());
  text.catch(() => undefined);
  await until(() => waiting === 1);
  stream.close(constants.NGHTTP2_CANCEL);
  await ask('/calls/now', await issuer.mint()).text;
  handles = [];
  gate.open();
  await until(() => handles.length === 1);
  expect(isCallerToken(handles[0])).toBe(true);
  await expect(presentCallerToken(handles[0] as CallerToken)).rejects.toThrow(NoCallerTokenError);
});
