import { EventEmitter, once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Injectable, Param, StreamableFile, UseGuards } from '@nestjs/common';
import { Args, Field, Int, ObjectType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { firstValueFrom } from 'rxjs';
import {
  Caller,
  CallerToken,
  isM2MError,
  M2MClientService,
  M2MGuard,
  M2MTokenVerifier,
  type M2MModuleOptions,
} from '../../../lib/index.js';
import { closedGate } from '../../support/closed-gate.js';
import { graphqlOptions, startGraphqlApp, type GraphqlServer } from '../../support/graphql-app.js';
import { startGuardedApp, type GuardedApp, type Platform } from '../../support/guarded-app.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';

/** With five stacks 10,000. */
const REQUESTS = 2000;
const AT_ONCE = 40;
const CALLERS = ['alice', 'bob'] as const;
const ENDED = 'ERR_M2M_NO_CALLER_TOKEN';

/** Opens when all requests of a stack are answered. */
let over: ReturnType<typeof closedGate>;
/** What calls after the end brought. */
let late: Promise<string>[];
const everybody = new EventEmitter();

/** What handlers do: each call says for whom it is meant, and the called service compares. */
@Injectable()
class Calls {
  constructor(@Inject(M2MClientService) private readonly m2m: M2MClientService) {}

  async call(who: string, onBehalfOf?: CallerToken): Promise<string> {
    const m2m = onBehalfOf ? { m2m: { onBehalfOf } } : {};
    const response = await firstValueFrom(this.m2m.for('products').get('/', { headers: { 'x-meant': who }, ...m2m }));
    return (response.data as { readonly caller: string }).caller;
  }

  async run(kind: number, who: string, handle: CallerToken): Promise<string> {
    const afterwards = async (given?: CallerToken): Promise<string> => {
      await over.opened;
      return this.outcome(who, given);
    };
    if (kind % 5 === 0) late.push(afterwards(), afterwards(handle));
    switch (kind % 4) {
      case 0:
        return this.call(who);
      case 1:
        await wait(kind % 7);
        return this.call(who);
      case 2: {
        const own = new EventEmitter();
        const called = once(own, 'called');
        own.on('now', () => void this.call(who).then((caller) => own.emit('called', caller)));
        setTimeout(() => own.emit('now'), 1);
        return String((await called)[0]);
      }
      default: {
        // A listener runs for the request that emits: the handle says for whom it calls.
        const heard = new Promise<string>((resolve, reject) => {
          everybody.once('tick', () => void this.call(who, handle).then(resolve, reject));
        });
        setTimeout(() => everybody.emit('tick'), 1);
        return heard;
      }
    }
  }

  async outcome(who: string, handle?: CallerToken): Promise<string> {
    try {
      return await this.call(who, handle);
    } catch (error) {
      return isM2MError(error) ? error.code : String(error);
    }
  }
}

@UseGuards(M2MGuard)
@Controller('calls')
class CallsController {
  constructor(@Inject(Calls) private readonly calls: Calls) {}

  @Get('value/:kind')
  value(
    @Param('kind') kind: string,
    @Caller('clientId') who: string,
    @CallerToken() handle: CallerToken,
  ): Promise<string> {
    return this.calls.run(Number(kind), who, handle);
  }

  @Get('stream/:kind')
  stream(
    @Param('kind') kind: string,
    @Caller('clientId') who: string,
    @CallerToken() handle: CallerToken,
  ): StreamableFile {
    const { calls } = this;
    async function* parts(): AsyncGenerator<string> {
      yield (await calls.run(Number(kind), who, handle)) === who ? '' : 'another';
      await wait(1);
      yield await calls.call(who);
    }
    return new StreamableFile(Readable.from(parts(), { objectMode: false }));
  }
}

@ObjectType()
class Called {
  @Field(() => Int)
  readonly kind: number;

  constructor(kind: number) {
    this.kind = kind;
  }
}

@UseGuards(M2MGuard)
@Resolver(() => Called)
class CallsResolver {
  constructor(@Inject(Calls) private readonly calls: Calls) {}

  @Query(() => Called)
  async called(@Args('kind', { type: () => Int }) kind: number): Promise<Called> {
    await wait(kind % 3);
    return new Called(kind);
  }

  @ResolveField(() => String)
  by(@Parent() { kind }: Called, @Caller('clientId') who: string, @CallerToken() handle: CallerToken): Promise<string> {
    return this.calls.run(kind, who, handle);
  }
}

let issuer: TestIssuer;
let products: TestHttpServer;
/** Requests whose token is not of the caller that they are meant for. */
let mixedUp: string[];

beforeAll(async () => {
  issuer = await TestIssuer.start();
  products = await TestHttpServer.start(({ headers }, response) => {
    const caller = callerIn(headers.authorization);
    if (caller !== headers['x-meant']) mixedUp.push(`${caller} for ${String(headers['x-meant'])}`);
    json(response, 200, { caller });
  });
});

afterAll(async () => {
  await products.stop();
  await issuer[Symbol.asyncDispose]();
});

function callerIn(authorization = ''): string {
  const [, payload = ''] = authorization.split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { readonly client_id: string }).client_id;
}

function options(): M2MModuleOptions {
  const targets = { products: { url: products.url, token: 'relay' as const, audience: testAudience } };
  return { ...graphqlOptions(issuer), client: { clientId: 'orders', clientSecret: 'secret', targets } };
}

const rest = (platform: Platform) => (): Promise<GuardedApp> =>
  startGuardedApp({ platform, options: options(), controllers: [CallsController], providers: [Calls] });
const graphql = (server: GraphqlServer) => (): Promise<GuardedApp> =>
  startGraphqlApp({ server, options: options(), resolvers: [CallsResolver], providers: [Calls] });

interface Stack {
  readonly start: () => Promise<GuardedApp>;
  readonly ask: (kind: number) => { readonly path: string; readonly query?: string };
  readonly answer: (text: string) => string;
}

const overRest = {
  ask: (kind: number) => ({ path: `/calls/${kind % 3 === 0 ? 'stream' : 'value'}/${kind}` }),
  answer: (text: string) => text,
};
const overGraphql = {
  ask: (kind: number) => ({ path: '/graphql', query: `{ called(kind: ${kind}) { by } }` }),
  answer: (text: string) => {
    const { data, errors } = JSON.parse(text) as { data?: { called: { by: string } }; errors?: unknown };
    return data?.called.by ?? JSON.stringify(errors);
  },
};
const stacks: readonly [string, Stack][] = [
  ['REST on Express', { start: rest('express'), ...overRest }],
  ['REST on Fastify', { start: rest('fastify'), ...overRest }],
  ['GraphQL with Apollo on Express', { start: graphql('Apollo on Express'), ...overGraphql }],
  ['GraphQL with Apollo on Fastify', { start: graphql('Apollo on Fastify'), ...overGraphql }],
  ['GraphQL with Mercurius', { start: graphql('Mercurius'), ...overGraphql }],
];

describe(`${REQUESTS} requests of two callers, interleaved over connections that stay open`, () => {
  it.each(stacks)('never carry the token of another, nor any after their end: %s (claim 9.4)', async (_name, stack) => {
    await using app = await stack.start();
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    over = closedGate();
    late = [];
    mixedUp = [];
    // Many tokens of each: new ones go another way through the guard than those that are remembered.
    const tokens = new Map<string, string[]>();
    for (const who of CALLERS) {
      const minted = Array.from({ length: 50 }, (_each, index) =>
        issuer.mint({ client_id: who, sub: who, jti: `${who}-${index}` }),
      );
      tokens.set(who, await Promise.all(minted));
    }
    const calls = app.app.get(Calls);
    const ofEvents: Promise<string>[] = [];
    app.app.get(M2MTokenVerifier).events$.subscribe((event) => {
      if (event.type === 'token-refused') ofEvents.push(calls.outcome('nobody'));
    });

    const send = async (kind: number): Promise<string> => {
      const who = CALLERS[kind % 2] as string;
      const { path, query } = stack.ask(kind);
      const token = kind % 100 === 99 ? 'not.a.token' : tokens.get(who)?.[kind % 47];
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
      const method = query === undefined ? 'GET' : 'POST';
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const request = httpRequest(`${app.url}${path}`, { agent, headers, method }, resolve).on('error', reject);
        request.end(query === undefined ? undefined : JSON.stringify({ query }));
      });
      let text = '';
      for await (const chunk of response) text += String(chunk);
      if (kind % 100 === 99) return text.includes('"') ? 'as meant' : text;
      const answer = stack.answer(text);
      return answer === who ? 'as meant' : `${answer} for ${who}`;
    };

    let next = 0;
    const outcomes = new Set<string>();
    const client = async (): Promise<void> => {
      for (let kind = next++; kind < REQUESTS; kind = next++) outcomes.add(await send(kind));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    expect([...outcomes]).toEqual(['as meant']);
    expect(mixedUp).toEqual([]);

    // The server sees the end of its last responses a little later than the client.
    await wait(100);
    over.open();
    expect(late.length).toBeGreaterThan(REQUESTS / 5);
    expect(new Set(await Promise.all(late))).toEqual(new Set([ENDED]));
    expect(new Set(await Promise.all(ofEvents))).toEqual(new Set([ENDED]));
    expect(ofEvents.length).toBeGreaterThan(0);
    expect(mixedUp).toEqual([]);
    agent.destroy();
  });
});
