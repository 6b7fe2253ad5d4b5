import { request as httpRequest } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { UseGuards } from '@nestjs/common';
import { Field, ObjectType, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { currentCallerToken } from '../../../lib/caller/caller-context.js';
import { presentCallerToken } from '../../../lib/caller/caller-token.js';
import { CallerToken, M2MGuard, Public, RequireScopes } from '../../../lib/index.js';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { closedGate } from '../../support/closed-gate.js';
import { graphqlOptions, graphqlServers, sendQuery, startGraphqlApp } from '../../support/graphql-app.js';
import { GraphqlSocket } from '../../support/graphql-socket.js';
import type { GuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';
import { until } from '../../support/until.js';

async function tokenOf(handle: CallerToken | undefined = currentCallerToken()): Promise<string> {
  if (!handle) return 'none';
  return presentCallerToken(handle).then(
    ({ value }) => value,
    () => 'ended',
  );
}

let gate: ReturnType<typeof closedGate>;
let handle: CallerToken | undefined;

@ObjectType()
class Product {
  @Field(() => String)
  readonly id = '1';
}

@UseGuards(M2MGuard)
@Resolver(() => Product)
class ProductsResolver {
  @Query(() => [Product])
  async products(): Promise<Product[]> {
    await wait(1);
    return [new Product()];
  }

  @ResolveField(() => String)
  async token(): Promise<string> {
    await wait(1);
    return tokenOf();
  }

  @ResolveField(() => String)
  async given(@CallerToken() given: CallerToken): Promise<string> {
    return tokenOf(given);
  }

  @RequireScopes('read:products')
  @Query(() => String)
  async scoped(@CallerToken() given: CallerToken): Promise<string> {
    handle = given;
    await wait(20);
    return tokenOf(given);
  }

  @Query(() => String)
  async slow(@CallerToken() given: CallerToken): Promise<string> {
    handle = given;
    await gate.opened;
    return (used = await tokenOf(given));
  }

  @Public()
  @Query(() => String)
  async open(): Promise<string> {
    return tokenOf();
  }

  @Subscription(() => String)
  async *ticks(): AsyncGenerator<{ ticks: string }> {
    yield { ticks: await tokenOf() };
  }

  @Subscription(() => String)
  async *handles(@CallerToken() _given: CallerToken): AsyncGenerator<{ handles: string }> {
    yield { handles: 'never' };
  }
}

let used: string | undefined;
let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await TestIssuer.start();
});

afterAll(async () => issuer[Symbol.asyncDispose]());

beforeEach(() => {
  gate = closedGate();
  handle = used = undefined;
});

function relaying(): M2MModuleOptions {
  const client = {
    clientId: 'orders',
    clientSecret: 'secret',
    targets: { products: { url: 'http://127.0.0.1:1', token: 'relay' as const, audience: testAudience } },
  };
  return { ...graphqlOptions(issuer), client };
}

describe.each(graphqlServers)('the context of a caller in GraphQL, with %s', (server) => {
  let app: GuardedApp;

  beforeAll(async () => {
    app = await startGraphqlApp({ server, resolvers: [ProductsResolver], options: relaying() });
  });

  afterAll(async () => app[Symbol.asyncDispose]());

  const send = (query: string, token?: string) =>
    sendQuery(app.url, query, token === undefined ? {} : { Authorization: `Bearer ${token}` });

  it('has the token in queries and in resolvers of fields (claim 9.1)', async () => {
    const token = await issuer.mint({ scope: 'read:products' });
    const { data } = await send('{ products { token given } scoped open }', token);
    // The handler that is public shares its request with others, whose token was accepted.
    expect(data).toEqual({ products: [{ token, given: token }], scoped: token, open: expect.any(String) });
    expect((await send('{ open }', token)).data).toEqual({ open: 'none' });
  });

  it('ends when the handlers have settled if the client disconnects (claim 9.3)', async () => {
    const token = await issuer.mint();
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const request = httpRequest(`${app.url}/graphql`, { method: 'POST', headers });
    request.on('error', () => undefined);
    request.end(JSON.stringify({ query: '{ slow }' }));
    await until(() => handle !== undefined);
    request.destroy();
    await wait(30);
    gate.open();
    await until(() => used !== undefined);
    expect(used).toBe(token);
    await until(async () => (await tokenOf(handle)) === 'ended');
  });
  it('is not there for what comes by a WebSocket, which @CallerToken() says (claim 9.1)', async () => {
    const params = { authorization: `Bearer ${await issuer.mint()}` };
    await using socket = await GraphqlSocket.open(app.url, { params });
    socket.subscribe('1', 'subscription { ticks }');
    expect(await socket.next()).toMatchObject({ payload: { data: { ticks: 'none' } } });
    expect(await socket.next()).toMatchObject({ type: 'complete' });
    socket.subscribe('2', 'subscription { handles }');
    expect(JSON.stringify(await socket.next())).toContain('came by a WebSocket');
  });
});
