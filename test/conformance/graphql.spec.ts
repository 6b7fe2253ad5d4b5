import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication, Type } from '@nestjs/common';
import { UseGuards } from '@nestjs/common';
import { Query, Resolver } from '@nestjs/graphql';
import {
  AllowClients,
  graphql,
  M2MGuard,
  M2MTokenVerifier,
  OptionalToken,
  Public,
  RequireAnyScope,
  RequireAudience,
  RequireScopes,
} from '../../lib/index.js';
import { graphqlServers, startGraphqlApp, type GraphqlAnswer, type GraphqlServer } from '../support/graphql-app.js';
import type { GuardedApp } from '../support/guarded-app.js';
import { sendRaw } from '../support/raw-request.js';
import type { Answer, ConformanceRequest, World } from './conformance-request.js';
import { HOSTILE, VALID } from './groups.js';
import { guardedApi } from './guarded-api.js';
import { issuersOf, startWorld } from './world.js';

/** The errors that stand for the answers of the guarded API over HTTP. */
const errors: Readonly<Record<Answer, object | undefined>> = {
  ok: undefined,
  'no credentials': { code: 'UNAUTHENTICATED' },
  'invalid request': { code: 'BAD_REQUEST', error: 'invalid_request' },
  'invalid token': { code: 'UNAUTHENTICATED', error: 'invalid_token' },
  'not allowed': { code: 'FORBIDDEN', error: 'insufficient_scope' },
  'lacks read': { code: 'FORBIDDEN', error: 'insufficient_scope', scope: 'read:products' },
  'lacks write': { code: 'FORBIDDEN', error: 'insufficient_scope', scope: 'read:products write:products' },
  'lacks any': { code: 'FORBIDDEN', error: 'insufficient_scope', scope: 'admin editor' },
  unavailable: { code: 'SERVICE_UNAVAILABLE' },
};

/** The handlers of the guarded API, as queries. */
function resolversFor(partner: string): Type[] {
  @UseGuards(M2MGuard)
  @Resolver()
  class ApiResolver {
    @Query(() => String, { nullable: true })
    products(): string {
      return 'products';
    }

    @RequireScopes('read:products')
    @Query(() => String, { nullable: true })
    read(): string {
      return 'read';
    }

    @RequireScopes('read:products')
    @RequireScopes('write:products')
    @Query(() => String, { nullable: true })
    write(): string {
      return 'write';
    }

    @RequireAnyScope('admin', 'editor')
    @Query(() => String, { nullable: true })
    any(): string {
      return 'any';
    }

    @AllowClients('test-client')
    @Query(() => String, { nullable: true })
    clients(): string {
      return 'clients';
    }

    @AllowClients({ issuer: partner, clientId: 'billing' })
    @Query(() => String, { nullable: true })
    partners(): string {
      return 'partners';
    }

    @RequireAudience('https://admin.test')
    @Query(() => String, { nullable: true })
    admin(): string {
      return 'admin';
    }

    @OptionalToken()
    @Query(() => String, { nullable: true })
    optional(): string {
      return 'optional';
    }

    @Public()
    @Query(() => String, { nullable: true })
    public(): string {
      return 'public';
    }
  }

  @RequireScopes('read:products')
  abstract class Reading {}

  @UseGuards(M2MGuard)
  @Resolver()
  class InheritingResolver extends Reading {
    @Query(() => String, { nullable: true })
    inherited(): string {
      return 'inherited';
    }
  }

  @OptionalToken()
  @UseGuards(M2MGuard)
  @Resolver()
  class PricesResolver {
    @Query(() => String, { nullable: true })
    prices(): string {
      return 'prices';
    }
  }

  @UseGuards(M2MGuard.or('users'))
  @Resolver()
  class MachinesAndUsersResolver extends Reading {
    @Query(() => String, { nullable: true })
    either(): string {
      return 'either';
    }
  }

  return [ApiResolver, InheritingResolver, PricesResolver, MachinesAndUsersResolver];
}

/** A request with the same credentials for the query that stands for its route; none if its body is its own. */
function asQuery({ requestLine = 'GET /products', headers, body }: ConformanceRequest): [string[], string] | undefined {
  const [, route, search = ''] = /^[A-Z]+ \/(\w+)(\?\S*)?$/.exec(requestLine) ?? [];
  const hasOwnBody = body !== undefined || headers.some((each) => /^content-type:/i.test(each));
  if (route === undefined || hasOwnBody) return undefined;
  const head = [`POST /graphql${search} HTTP/1.1`, ...headers, 'Content-Type: application/json'];
  return [head, JSON.stringify({ query: `{ ${route} }` })];
}

/** What requests were answered, where it is not what they must be. */
async function wrongAnswers(url: string, requests: readonly ConformanceRequest[], server: GraphqlServer) {
  const wrong: object[] = [];
  for (const request of requests) {
    const query = asQuery(request);
    if (!query) continue;
    const { name, answer } = request;
    const platform = server === 'Apollo on Express' ? 'express' : 'fastify';
    const expected = errors[typeof answer === 'string' ? answer : answer[platform]];
    const { status, body, headers } = await sendRaw(url, ...query);
    const [error, ...more] = (parsed(body).errors ?? []).map(({ extensions }) => extensions);
    const { retryAfter, ...seen } = error ?? {};
    const isRight =
      status === 200 &&
      more.length === 0 &&
      JSON.stringify(seen) === JSON.stringify(expected ?? {}) &&
      (error === undefined) === (expected === undefined);
    if (
      !isRight ||
      'www-authenticate' in headers ||
      (retryAfter !== undefined) !== (seen['code'] === 'SERVICE_UNAVAILABLE')
    ) {
      wrong.push({ name, expected: answer, status, body });
    }
  }
  return wrong;
}

/** Without the chunks that some drivers answer in. */
function parsed(body: string): GraphqlAnswer {
  return JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1)) as GraphqlAnswer;
}

describe.each(graphqlServers)('the guarded API over GraphQL, with %s,', (server) => {
  let world: World & AsyncDisposable;
  let api: GuardedApp;
  const messages: string[] = [];
  beforeAll(async () => {
    world = await startWorld();
    const issuers = issuersOf(world);
    const { options, configure } = guardedApi(issuers);
    const resourceServer = { ...options.resourceServer, transports: [graphql()] } as typeof options.resourceServer;
    api = await startGraphqlApp({
      server,
      options: { ...options, resourceServer },
      resolvers: resolversFor(issuers.partner),
      configure: (app: INestApplication) => configure(app),
    });
    api.app.get(M2MTokenVerifier).events$.subscribe((event) => {
      if ('error' in event) messages.push(event.error.message);
    });
  });
  afterAll(async () => {
    await api.app.close();
    await world[Symbol.asyncDispose]();
  });

  it('is sent most of the corpus', () => {
    const requests = [...HOSTILE, ...VALID].flatMap(([, make]) => make(world));
    expect(requests.filter((each) => asQuery(each)).length).toBeGreaterThan(500);
  });

  it.each(HOSTILE)('refuses %s', async (_name, make) => {
    expect(await wrongAnswers(api.url, make(world), server)).toEqual([]);
  });

  it.each(VALID)('lets in %s', async (_name, make) => {
    expect(await wrongAnswers(api.url, make(world), server)).toEqual([]);
  });

  it('has put no token into the log, and into no message', () => {
    const log = [...api.log.map(({ text }) => text), ...messages].join('\n');
    expect(messages.length).toBeGreaterThan(300);
    expect(log).not.toMatch(/eyJ[\w-]+\./);
  });
});
