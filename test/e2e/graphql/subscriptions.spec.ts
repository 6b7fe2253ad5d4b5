import { EventEmitter, on } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UseGuards } from '@nestjs/common';
import { Context, Field, ObjectType, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import {
  Caller,
  M2MGuard,
  M2MTokenVerifier,
  OptionalToken,
  RequireScopes,
  type M2MCaller,
  type M2MRequest,
} from '../../../lib/index.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { graphqlOptions, graphqlServers, startGraphqlApp } from '../../support/graphql-app.js';
import { GraphqlSocket } from '../../support/graphql-socket.js';
import type { GuardedApp } from '../../support/guarded-app.js';
import { until } from '../../support/until.js';
import { TestIssuer, testClientId } from '../../support/issuer.js';

const stock = new EventEmitter();
/** Subscriptions that are listening now. */
const listening = (): number => stock.listenerCount('changed');

const changes = (): AsyncIterator<string[]> => on(stock, 'changed') as AsyncIterator<string[]>;
const fromEvent = ([id]: readonly string[]): object => ({ id });

/** Emits once the server listens. */
async function change(id: string, listeners = 1): Promise<void> {
  await until(() => listening() >= listeners);
  stock.emit('changed', id);
}

const told = (id: string) => ({ type: 'next', payload: { data: { changed: { id } } } });

@ObjectType()
class Change {
  @Field(() => String)
  readonly id!: string;
}

@UseGuards(M2MGuard)
@Resolver(() => Change)
class StockResolver {
  @Query(() => String)
  whoAmI(@Caller('clientId') clientId: string): string {
    return clientId;
  }

  @RequireScopes('read:stock')
  @Subscription(() => Change, { resolve: fromEvent })
  changed(): AsyncIterator<string[]> {
    return changes();
  }

  @OptionalToken()
  @Subscription(() => Change, { resolve: fromEvent })
  published(): AsyncIterator<string[]> {
    return changes();
  }

  @ResolveField(() => String)
  seenBy(
    @Caller() caller: M2MCaller | undefined,
    @Context() context: { req?: M2MRequest; request?: M2MRequest },
  ): string {
    const { m2m } = context.req ?? context.request ?? {};
    return `${caller?.clientId} ${m2m?.clientId}`;
  }
}

describe.each(graphqlServers)('a subscription behind M2MGuard, with %s,', (server) => {
  const clock = new TestClock();
  let issuer: TestIssuer;
  let api: GuardedApp;

  beforeAll(async () => {
    issuer = await TestIssuer.start({ now: () => clock.wall() });
    api = await startGraphqlApp({ server, options: graphqlOptions(issuer), resolvers: [StockResolver], clock });
  });
  afterAll(async () => {
    await api.app.close();
    await issuer.stop();
  });

  const bearer = async (claims: object = {}) => `Bearer ${await issuer.mint({ scope: 'read:stock', ...claims })}`;
  it.each([
    ['the parameters of the connection', async () => ({ params: { authorization: await bearer() } })],
    ['the same with a capital letter', async () => ({ params: { Authorization: await bearer() } })],
    ['the header of the request that opens it', async () => ({ headers: { Authorization: await bearer() } })],
  ])('gets its caller by %s', async (_name, options) => {
    await using socket = await GraphqlSocket.open(api.url, await options());
    socket.subscribe('1', 'subscription { changed { id seenBy } }');
    await change('7');
    const data = { changed: { id: '7', seenBy: `${testClientId} ${testClientId}` } };
    expect(await socket.next()).toMatchObject({ type: 'next', id: '1', payload: { data } });
  });

  it.each([
    ['no token', async () => ({}), 'UNAUTHENTICATED'],
    ['a bad one', async () => ({ params: { authorization: 'Bearer abc' } }), 'UNAUTHENTICATED'],
    ['one that lacks the scope', async () => ({ params: { authorization: await bearer({ scope: '' }) } }), 'FORBIDDEN'],
    ['something that is no text', async () => ({ params: { authorization: { a: 1 } } }), 'BAD_REQUEST'],
    [
      'something that turns into no text',
      async () => ({ params: { authorization: { toString: 1, valueOf: 1 } } }),
      'BAD_REQUEST',
    ],
    [
      'a token without the word Bearer',
      async () => ({ params: { authorization: await issuer.mint() } }),
      'UNAUTHENTICATED',
    ],
    [
      'one token twice, in the parameters and in the header (claim 4.10)',
      async () => {
        const Authorization = await bearer();
        return { params: { authorization: Authorization }, headers: { Authorization } };
      },
      'BAD_REQUEST',
    ],
    [
      'two in the parameters (claim 4.10)',
      async () => ({ params: { authorization: await bearer(), Authorization: await bearer() } }),
      'BAD_REQUEST',
    ],
    [
      'one in the query (claim 4.10)',
      async () => ({ search: `?access_token=${await issuer.mint()}` }),
      'UNAUTHENTICATED',
    ],
  ] as const)('is refused with %s', async (_name, options, code) => {
    await using socket = await GraphqlSocket.open(api.url, await options());
    const { errors } = await socket.ask('subscription { changed { id } }');
    expect(errors).toMatchObject([{ extensions: { code } }]);
    expect(JSON.stringify(errors)).not.toContain('"http"');
    await until(() => listening() === 0);
  });

  it('is reached without a token if that is optional, and with a bad one by nobody', async () => {
    await using socket = await GraphqlSocket.open(api.url);
    socket.subscribe('1', 'subscription { published { id } }');
    await change('8');
    expect(await socket.next()).toMatchObject({ payload: { data: { published: { id: '8' } } } });
    await using bad = await GraphqlSocket.open(api.url, { params: { authorization: 'Bearer abc' } });
    expect((await bad.ask('subscription { published { id } }')).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });

  it('ends with its token, and so does its connection (claim 4.11)', async () => {
    const exp = Math.floor(clock.wall() / 1000) + 600;
    const longer = await bearer({ exp: exp + 600 });
    await using lasting = await GraphqlSocket.open(api.url, { params: { authorization: longer } });
    await using ending = await GraphqlSocket.open(api.url, { params: { authorization: await bearer({ exp }) } });
    for (const socket of [lasting, ending]) socket.subscribe('1', 'subscription { changed { id } }');
    await change('1', 2);
    for (const socket of [lasting, ending]) expect(await socket.next()).toMatchObject(told('1'));
    await clock.advance(600_000);
    await change('2', 2);
    for (const socket of [lasting, ending]) expect(await socket.next()).toMatchObject(told('2'));
    // The clocks of others may differ by 5 s.
    await clock.advance(6000);
    expect(await ending.next()).toEqual({ type: 'closed', code: 4403 });
    await change('3');
    expect(await lasting.next()).toMatchObject(told('3'));
  });

  it('ends within 30 s once its key is withdrawn (claim 4.11)', async () => {
    const verifier = api.app.get(M2MTokenVerifier);
    const key = await issuer.addKey('RS256');
    await verifier.refreshKeys();
    const authorization = `Bearer ${issuer.mintWith(key, { scope: 'read:stock' })}`;
    await using socket = await GraphqlSocket.open(api.url, { params: { authorization } });
    socket.subscribe('1', 'subscription { changed { id } }');
    await change('1');
    expect(await socket.next()).toMatchObject({ payload: { data: { changed: { id: '1' } } } });
    issuer.withdraw(key);
    await verifier.refreshKeys();
    await clock.advance(30_000);
    expect(await socket.next()).toEqual({ type: 'closed', code: 4403 });
  });
});

describe('a connection of Mercurius behind M2MGuard', () => {
  it('has one caller, also if it sends other parameters later (claim 4.10)', async () => {
    await using issuer = await TestIssuer.start();
    const options = graphqlOptions(issuer);
    await using api = await startGraphqlApp({ server: 'Mercurius', options, resolvers: [StockResolver] });
    const bearer = async (client: string) =>
      `Bearer ${await issuer.mint({ client_id: client, sub: client, scope: 'read:stock' })}`;
    await using socket = await GraphqlSocket.open(api.url, { params: { authorization: await bearer('first') } });
    const seenBy = async (id: string, listeners: number): Promise<unknown> => {
      socket.subscribe(id, 'subscription { changed { seenBy } }');
      await change(id, listeners);
      const message = await socket.next();
      return 'payload' in message && message.payload;
    };
    const first = { data: { changed: { seenBy: 'first first' } } };
    expect(await seenBy('1', 1)).toEqual(first);
    socket.send({ type: 'complete', id: '1' });
    expect(await socket.next()).toMatchObject({ type: 'complete' });
    await until(() => listening() === 0);
    socket.send({ type: 'connection_init', payload: { authorization: await bearer('second') } });
    expect(await seenBy('2', 1)).toEqual(first);
  });
});
