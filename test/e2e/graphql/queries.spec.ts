import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UseGuards } from '@nestjs/common';
import { Args, Context, Field, ID, Mutation, ObjectType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import {
  AllowClients,
  Caller,
  M2MGuard,
  M2MTokenVerifier,
  OptionalToken,
  Public,
  RequireScopes,
  type M2MCaller,
  type M2MRequest,
  type M2MResourceServerEvent,
} from '../../../lib/index.js';
import {
  graphqlOptions,
  graphqlServers,
  sendQuery,
  startGraphqlApp,
  type GraphqlAnswer,
} from '../../support/graphql-app.js';
import type { GuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testClientId } from '../../support/issuer.js';

@ObjectType()
class Product {
  @Field(() => ID)
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

@UseGuards(M2MGuard)
@Resolver(() => Product)
class ProductsResolver {
  @Query(() => [Product])
  products(): Product[] {
    return [new Product('1'), new Product('2'), new Product('3')];
  }

  @Query(() => String)
  whoAmI(@Caller() caller: M2MCaller, @Caller('clientId') clientId: string): string {
    return `${caller.clientId} ${clientId}`;
  }

  @Query(() => String)
  left(@Context() { req }: { req: M2MRequest }): string {
    return `${req.m2m?.clientId} ${(req.user as M2MCaller | undefined)?.clientId}`;
  }

  @RequireScopes('write:products')
  @Mutation(() => String)
  createProduct(@Args('name', { type: () => String }) name: string): string {
    return name;
  }

  @AllowClients('another')
  @Query(() => String)
  others(): string {
    return 'others';
  }

  @AllowClients('another')
  @Query(() => String, { nullable: true })
  strangers(): string {
    return 'strangers';
  }

  @OptionalToken()
  @Query(() => String)
  price(@Caller() caller: M2MCaller | undefined): string {
    return caller?.clientId ?? 'nobody';
  }

  @Public()
  @Query(() => String)
  health(): string {
    return 'ok';
  }

  @RequireScopes('read:costs')
  @ResolveField(() => String, { nullable: true })
  cost(@Parent() { id }: Product, @Caller('clientId') clientId: string): string {
    return `${id} ${clientId}`;
  }

  @ResolveField(() => String)
  buyer(@Caller('clientId') clientId: string): string {
    return clientId;
  }
}

describe.each(graphqlServers)('a resolver behind M2MGuard, with %s,', (server) => {
  let issuer: TestIssuer;
  let api: GuardedApp;
  const events: M2MResourceServerEvent[] = [];

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    api = await startGraphqlApp({ server, options: graphqlOptions(issuer), resolvers: [ProductsResolver] });
    api.app.get(M2MTokenVerifier).events$.subscribe((event) => {
      if (event.type !== 'token-verified') events.push(event);
    });
  });
  afterAll(async () => {
    await api.app.close();
    await issuer.stop();
  });

  const send = async (query: string, token?: string) =>
    sendQuery(api.url, query, token === undefined ? {} : { Authorization: `Bearer ${token}` });

  it('gets its caller', async () => {
    const { data, errors } = await send('{ whoAmI left }', await issuer.mint());
    expect(errors).toBeUndefined();
    expect(data).toEqual({ whoAmI: `${testClientId} ${testClientId}`, left: `${testClientId} ${testClientId}` });
  });

  it.each([
    ['without a token', undefined, '{ whoAmI }', 'UNAUTHENTICATED', 'an access token is needed', {}],
    [
      'with a bad token',
      'abc',
      '{ whoAmI }',
      'UNAUTHENTICATED',
      'the access token is not valid here',
      { error: 'invalid_token' },
    ],
    [
      'with a malformed one',
      'a b',
      '{ whoAmI }',
      'BAD_REQUEST',
      'one access token is needed, in one Authorization header',
      { error: 'invalid_request' },
    ],
    [
      'without the scope',
      'read:products',
      'mutation { createProduct(name: "x") }',
      'FORBIDDEN',
      'the access token lacks a scope that is needed here',
      { error: 'insufficient_scope', scope: 'write:products' },
    ],
    [
      'who is another client',
      '',
      '{ others }',
      'FORBIDDEN',
      'this caller is not allowed',
      { error: 'insufficient_scope' },
    ],
  ])('answers nobody %s, in the words of GraphQL (claim 4.9)', async (_name, given, query, code, message, more) => {
    const isToken = given === undefined || given.startsWith('a');
    const { status, errors, data, headers } = await send(query, isToken ? given : await issuer.mint({ scope: given }));
    expect({ status, data }).toEqual({ status: 200, data: null });
    const column = query.indexOf(' ') + 2 + (query.startsWith('m') ? 2 : 0);
    const path = [/{ (\w+)/.exec(query)?.[1]];
    expect(errors).toEqual([{ message, path, locations: [{ line: 1, column }], extensions: { code, ...more } }]);
    // It would challenge whoever asked for other fields as well.
    expect(headers.get('www-authenticate')).toBeNull();
  });

  it('is reached with every condition met', async () => {
    const { data, errors } = await send(
      'mutation { createProduct(name: "x") }',
      await issuer.mint({ scope: 'write:products' }),
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({ createProduct: 'x' });
  });

  it('is reached by everybody if it is public, and by nobody with a bad token if that is optional', async () => {
    expect((await send('{ health price }')).data).toEqual({ health: 'ok', price: 'nobody' });
    expect((await send('{ price }', await issuer.mint())).data).toEqual({ price: testClientId });
    const { errors } = await send('{ price }', 'abc');
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('answers the other fields of a request that is refused one', async () => {
    const { data, errors } = await send('{ products { id cost buyer } }', await issuer.mint());
    expect(data).toEqual({ products: ['1', '2', '3'].map((id) => ({ id, cost: null, buyer: testClientId })) });
    expect(errors).toHaveLength(3);
    expect(errors?.[0]).toMatchObject({
      path: ['products', 0, 'cost'],
      extensions: { code: 'FORBIDDEN', scope: 'read:costs' },
    });
    const all = await send('{ products { cost } }', await issuer.mint({ scope: 'read:costs' }));
    expect(all.data).toEqual({ products: ['1', '2', '3'].map((id) => ({ cost: `${id} ${testClientId}` })) });
  });

  it('causes one decision, one event and one log line for each condition of a request (claim 4.9)', async () => {
    const aliases = Array.from({ length: 50 }, (_each, index) => `a${index}: whoAmI`).join(' ');
    const token = await issuer.mint();
    const { acceptedFromCache, acceptedAfterVerification } = api.app.get(M2MTokenVerifier).stats();
    events.length = 0;
    const lines = api.log.length;
    const { errors } = await send(`{ ${aliases} products { cost } o: strangers p: strangers }`, token);
    expect(errors).toHaveLength(5);
    expect(events.map((each) => 'error' in each && each.error.name)).toEqual([
      'CallerNotAllowedError',
      'InsufficientScopeError',
    ]);
    const after = api.app.get(M2MTokenVerifier).stats();
    const accepted =
      after.acceptedFromCache + after.acceptedAfterVerification - acceptedFromCache - acceptedAfterVerification;
    // For no condition, for the client and for the scope.
    expect(accepted).toBe(3);
    expect(api.log.length - lines).toBeLessThanOrEqual(2);
    events.length = 0;
    const refused = await send(`{ ${aliases.replaceAll('whoAmI', 'strangers')} }`, 'abc');
    expect(refused.errors).toHaveLength(50);
    expect(events).toHaveLength(1);
  });

  it('shares the decision among the operations of a batch', async () => {
    const token = await issuer.mint();
    events.length = 0;
    const response = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify([{ query: '{ others }' }, { query: '{ whoAmI }' }, { query: '{ others }' }]),
    });
    expect(await response.json()).toMatchObject([
      { errors: [{ extensions: { code: 'FORBIDDEN' } }] },
      { data: { whoAmI: `${testClientId} ${testClientId}` } },
      { errors: [{ extensions: { code: 'FORBIDDEN' } }] },
    ]);
    expect(events).toHaveLength(1);
  });

  it('keeps callers apart: the next request on a connection has its own', async () => {
    const tokens = await Promise.all(['one', 'two'].map((client) => issuer.mint({ client_id: client, sub: client })));
    const callers = Array.from({ length: 40 }, (_each, index) => index % 2);
    const answers = await Promise.all(callers.map((index) => send('{ whoAmI products { buyer } }', tokens[index])));
    expect(answers.map(({ data }) => data?.['whoAmI'])).toEqual(callers.map((index) => ['one one', 'two two'][index]));
    expect(answers.map(({ data }) => data?.['products'])).toEqual(
      callers.map((index) => Array.from({ length: 3 }, () => ({ buyer: ['one', 'two'][index] }))),
    );
  });

  it('gets no token from the query', async () => {
    const url = `${api.url}/graphql?query={whoAmI}&access_token=${await issuer.mint()}`;
    const preflight = { 'apollo-require-preflight': 'yes' };
    const only = (await (await fetch(url, { headers: preflight })).json()) as GraphqlAnswer;
    expect(only.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    const both = { ...preflight, Authorization: `Bearer ${await issuer.mint()}` };
    const twice = (await (await fetch(url, { headers: both })).json()) as GraphqlAnswer;
    expect(twice.errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST', error: 'invalid_request' } }]);
  });

  it('says when keys may be had again', async () => {
    await using down = await TestIssuer.start();
    const token = await down.mint();
    down.breakKeySet((response) => response.destroy());
    await using other = await startGraphqlApp({ server, options: graphqlOptions(down), resolvers: [ProductsResolver] });
    const { status, errors } = await sendQuery(other.url, '{ whoAmI }', { Authorization: `Bearer ${token}` });
    expect(status).toBe(200);
    expect(errors).toMatchObject([{ message: 'access tokens cannot be verified at the moment' }]);
    expect(errors?.[0]?.extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', retryAfter: expect.any(Number) });
  });
});
