import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UseGuards, type Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  GraphQLModule,
  Field,
  ID,
  Mutation,
  ObjectType,
  Query,
  ResolveField,
  ResolveReference,
  Resolver,
} from '@nestjs/graphql';
import {
  AllowClients,
  graphql,
  M2MGuard,
  M2MHandlers,
  Public,
  RequireScopes,
  type M2MResourceServerOptions,
} from '../../../lib/index.js';
import { graphqlOptions, startGraphqlApp, type GraphqlAppOptions } from '../../support/graphql-app.js';
import { startGuardedApp, type GuardedApp } from '../../support/guarded-app.js';
import { TestIssuer } from '../../support/issuer.js';

@ObjectType()
class Order {
  @Field(() => ID)
  readonly id: string = '1';
}

@Resolver(() => Order)
class OrdersResolver {
  @Query(() => Order)
  order(): Order {
    return new Order();
  }

  @UseGuards(M2MGuard)
  @RequireScopes('read:orders')
  @Query(() => [Order], { name: 'allOrders' })
  orders(): Order[] {
    return [];
  }

  @UseGuards(M2MGuard)
  @Mutation(() => String)
  createOrder(): string {
    return 'created';
  }

  @Public()
  @Query(() => String)
  health(): string {
    return 'ok';
  }

  @ResolveField(() => String)
  total(): string {
    return '0';
  }

  @ResolveReference()
  find(): Order {
    return new Order();
  }

  helper(): string {
    return 'no field';
  }
}

@Resolver()
class UnguardedResolver {
  @RequireScopes('read:orders')
  @Query(() => String)
  secret(): string {
    return 'secret';
  }
}

@RequireScopes('read:orders')
@UseGuards(M2MGuard)
@Resolver(() => Order)
class StrictResolver {
  @Query(() => Order)
  strict(): Order {
    return new Order();
  }

  @ResolveField(() => String)
  price(): string {
    return '1';
  }
}

@Resolver(() => Order)
class NestedResolver {
  @Query(() => Order)
  nested(): Order {
    return new Order();
  }

  @UseGuards(M2MGuard)
  @ResolveField(() => String)
  guarded(): string {
    return '1';
  }

  @AllowClients('billing')
  @ResolveReference()
  find(): Order {
    return new Order();
  }
}

@UseGuards(M2MGuard)
@Resolver(() => Order)
class FieldsResolver {
  @ResolveField(() => String)
  margin(): string {
    return '1';
  }
}

@Resolver(() => Order)
class LosingResolver {
  @Query(() => Order)
  losing(): Order {
    return new Order();
  }

  @UseGuards(M2MGuard)
  helper(): string {
    return 'no field';
  }

  @RequireScopes('read:orders')
  other(): string {
    return 'no field';
  }
}

@Public()
@Resolver()
class OpenResolver {
  @Query(() => String)
  open(): string {
    return 'open';
  }
}

describe('the start of an application with resolvers', () => {
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
  });
  afterAll(() => issuer.stop());

  const start = (
    resolvers: Type[],
    setup: Partial<GraphqlAppOptions> = {},
    resourceServer: Partial<M2MResourceServerOptions> = {},
  ): Promise<GuardedApp> =>
    startGraphqlApp({
      server: 'Apollo on Express',
      resolvers,
      options: graphqlOptions(issuer, resourceServer),
      ...setup,
    });

  it('lists them by their schema coordinates, with conditions and guards', async () => {
    await using api = await start([OrdersResolver]);
    const listed = api.app.get(M2MHandlers).list();
    const scopes = [{ decorator: 'RequireScopes', scopes: ['read:orders'] }];
    const isPublic = [{ decorator: 'Public' }];
    expect(listed.map(({ method, pattern, guarded, conditions }) => [method, pattern, guarded, conditions])).toEqual([
      ['order', 'Query.order', false, []],
      ['orders', 'Query.allOrders', 'm2m', scopes],
      ['createOrder', 'Mutation.createOrder', 'm2m', []],
      ['health', 'Query.health', false, isPublic],
      ['total', 'Order.total', false, []],
      ['find', 'Order.__resolveReference', false, []],
    ]);
    expect(listed[0]).toMatchObject({ transport: 'graphql', class: OrdersResolver });
    expect(listed[0]).toMatchObject({ httpMethod: undefined, paths: undefined, versions: undefined });
  });

  it('names those that nothing stands before, references too, and no fields of types', async () => {
    await using api = await start([OrdersResolver]);
    const line = api.log.find(({ text }) => text.includes('No guard that authenticates'))?.text;
    expect(line).toContain('stands before OrdersResolver.order, OrdersResolver.find; write: ');
    const refused = start([OrdersResolver], {}, { unguarded: 'refuse' });
    await expect(refused).rejects.toThrow(/^(?![^]*total)[^]*OrdersResolver\.order has no guard that authenticates/);
    await using global = await start([OrdersResolver], { providers: [{ provide: APP_GUARD, useExisting: M2MGuard }] });
    expect(
      global.app
        .get(M2MHandlers)
        .list()
        .map(({ guarded }) => guarded),
    ).toEqual(Array(6).fill('m2m'));
  });

  it('takes no fields for guarded if Nest asks guards about none', async () => {
    const module = { fieldResolverEnhancers: [] };
    const providers = [{ provide: APP_GUARD, useExisting: M2MGuard }];
    await using api = await start([OrdersResolver], { module, providers });
    const listed = api.app.get(M2MHandlers).list();
    expect(listed.map(({ guarded }) => guarded)).toEqual(['m2m', 'm2m', 'm2m', 'm2m', false, false]);
    expect(api.log.find(({ text }) => text.includes('stands before'))?.text).toContain('before OrdersResolver.find;');
  });

  it('stops for conditions without a guard', async () => {
    await expect(start([UnguardedResolver])).rejects.toThrow(
      'UnguardedResolver.secret has @RequireScopes, but no M2MGuard looks at it',
    );
  });

  it('takes a class that is public as a whole', async () => {
    await using api = await start([OpenResolver]);
    expect(api.app.get(M2MHandlers).list()).toMatchObject([{ conditions: [{ decorator: 'Public' }] }]);
  });

  it('stops for conditions and guards on fields that Nest asks no guard about (claim 5.9)', async () => {
    const module = { fieldResolverEnhancers: ['interceptors' as const] };
    const stopped = start([StrictResolver, NestedResolver], { module });
    const write = "\n    write: fieldResolverEnhancers: ['guards'] in GraphQLModule.forRoot";
    await expect(stopped).rejects.toThrow(
      `StrictResolver.price has @RequireScopes, but resolves Order.price, about which Nest asks no guard${write}`,
    );
    await expect(stopped).rejects.toThrow(
      'NestedResolver.guarded has @UseGuards(M2MGuard), but resolves Order.guarded',
    );
    await expect(stopped).rejects.toThrow(
      'NestedResolver.find has @AllowClients, but resolves Order.__resolveReference',
    );
    await expect(start([StrictResolver, NestedResolver])).rejects.toThrow(
      /^(?!.*StrictResolver).*NestedResolver\.find has @AllowClients, but no M2MGuard looks at it/s,
    );
    await using api = await start([StrictResolver]);
    expect(
      api.app
        .get(M2MHandlers)
        .list()
        .map(({ guarded }) => guarded),
    ).toEqual(['m2m', 'm2m']);
  });

  it('stops for a guard of a class whose fields Nest asks no guard about, all of them (claim 5.9)', async () => {
    const module = { fieldResolverEnhancers: [] };
    await expect(start([OpenResolver, FieldsResolver], { module })).rejects.toThrow(
      "FieldsResolver has @UseGuards(M2MGuard), but resolves fields alone about which Nest asks no guard\n    write: fieldResolverEnhancers: ['guards'] in GraphQLModule.forRoot",
    );
    await using api = await start([StrictResolver, FieldsResolver]);
    const listed = api.app.get(M2MHandlers).list();
    expect(listed.map(({ method, guarded }) => [method, guarded])).toContainEqual(['margin', 'm2m']);
  });

  it('stops for guards and conditions on methods of a resolver that resolve nothing', async () => {
    const stopped = start([LosingResolver]);
    await expect(stopped).rejects.toThrow('LosingResolver.helper has @UseGuards(M2MGuard), but is no handler');
    await expect(stopped).rejects.toThrow('LosingResolver.other has @RequireScopes, but is no route');
  });

  it('stops for conditions and guards of resolvers if GraphQL is not on (claim 5.9)', async () => {
    const stopped = start([StrictResolver, OrdersResolver], {}, { transports: [] });
    const write = '\n    write: resourceServer.transports: [graphql()]';
    await expect(stopped).rejects.toThrow(
      `StrictResolver has @RequireScopes, and resolves fields of GraphQL, which is not on${write}`,
    );
    await expect(stopped).rejects.toThrow('OrdersResolver.orders has @RequireScopes, and resolves');
    await expect(stopped).rejects.toThrow('OrdersResolver.createOrder has @UseGuards(M2MGuard), and resolves');
    await using api = await start([OpenResolver], {}, { transports: [] });
    expect(api.app.get(M2MHandlers).list()).toEqual([]);
  });

  it('reads the options of a module that a factory makes', async () => {
    const module = GraphQLModule.forRootAsync<ApolloDriverConfig>({
      driver: ApolloDriver,
      useFactory: () => ({ autoSchemaFile: true }),
    });
    const options = graphqlOptions(issuer);
    await expect(startGuardedApp({ options, imports: [module], providers: [StrictResolver] })).rejects.toThrow(
      'StrictResolver.price has @RequireScopes, but resolves Order.price',
    );
  });

  it.each([
    ['the function itself', [graphql], 'resourceServer.transports is an array whose [0] is'],
    ['a name', ['graphql'], 'resourceServer.transports is an array whose [0] is'],
    ['no list', graphql(), 'resourceServer.transports is an object'],
  ])('stops for an option that is %s', async (_name, transports, problem) => {
    const stopped = start([OpenResolver], {}, { transports: transports as never });
    await expect(stopped).rejects.toThrow(problem);
    await expect(stopped).rejects.toThrow('transports: [graphql()]');
  });
});
