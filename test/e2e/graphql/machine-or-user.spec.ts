import { EventEmitter, on } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UseGuards } from '@nestjs/common';
import { Context, Query, Resolver, Subscription } from '@nestjs/graphql';
import passport from 'passport';
import { Caller, M2MGuard, RequireScopes, type M2MCaller } from '../../../lib/index.js';
import { graphqlOptions, graphqlServers, sendQuery, startGraphqlApp } from '../../support/graphql-app.js';
import { GraphqlSocket } from '../../support/graphql-socket.js';
import type { GuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testClientId } from '../../support/issuer.js';

const news = new EventEmitter();
/** How often the strategy was asked. */
let asked = 0;

interface Attempt {
  success(user: object): void;
  fail(): void;
}

/** The laxest strategy: whoever brings anything like a JWT in a header is a user, and so is who has the cookie. */
function letUserIn(this: Attempt, { headers }: { readonly headers: Readonly<Record<string, unknown>> }): void {
  asked += 1;
  const text = JSON.stringify(headers);
  if (/eyJ[\w-]+\.eyJ|session=alice/.test(text)) this.success({ name: 'alice' });
  else this.fail();
}

interface UserContext {
  readonly req?: { readonly user?: { readonly name?: string } };
  readonly request?: { readonly user?: { readonly name?: string } };
}

@UseGuards(M2MGuard.or('graphql-users', { isUser: ({ client_id }) => client_id === 'spa' }))
@RequireScopes('read:news')
@Resolver()
class NewsResolver {
  @Query(() => String)
  who(@Caller() caller: M2MCaller | undefined, @Context() { req }: UserContext): string {
    return caller?.clientId ?? String(req?.user?.name);
  }

  @Subscription(() => String, { resolve: ([text]: readonly string[]) => text })
  news(@Caller() caller: M2MCaller | undefined, @Context() { req, request }: UserContext): AsyncIterator<unknown> {
    const name = caller?.clientId ?? (req ?? request)?.user?.name;
    setImmediate(() => news.emit('told', `for ${name}`));
    return on(news, 'told') as AsyncIterator<unknown>;
  }
}

describe.each(graphqlServers)('a resolver behind M2MGuard.or, with %s,', (server) => {
  let issuer: TestIssuer;
  let api: GuardedApp;
  beforeAll(async () => {
    passport.use('graphql-users', { authenticate: letUserIn });
    issuer = await TestIssuer.start();
    api = await startGraphqlApp({ server, options: graphqlOptions(issuer), resolvers: [NewsResolver] });
  });
  afterAll(async () => {
    await api.app.close();
    await issuer.stop();
    passport.unuse('graphql-users');
  });

  const machine = (claims: object = {}) => issuer.mint({ scope: 'read:news', ...claims });
  const user = () => issuer.mint({ client_id: 'spa', sub: 'alice', scope: '' });

  it.each([
    ['a machine', async () => ({ Authorization: `Bearer ${await machine()}` }), testClientId],
    ['a user with a token', async () => ({ Authorization: `Bearer ${await user()}` }), 'alice'],
    ['a user with a cookie', async () => ({ Cookie: 'session=alice' }), 'alice'],
  ])('is reached by %s', async (_name, headers, who) => {
    asked = 0;
    const { data } = await sendQuery(api.url, '{ who b: who c: who }', await headers());
    expect(data).toEqual({ who, b: who, c: who });
    expect(asked).toBe(who === 'alice' ? 1 : 0);
  });

  it.each([
    [
      'a machine without the scope',
      async () => ({ Authorization: `Bearer ${await machine({ scope: '' })}` }),
      'FORBIDDEN',
    ],
    ['a machine in a cookie', async () => ({ Cookie: `session=${await machine()}` }), 'UNAUTHENTICATED'],
    ['a machine by another scheme', async () => ({ Authorization: `Token ${await machine()}` }), 'UNAUTHENTICATED'],
    ['nobody', async () => ({}), 'UNAUTHENTICATED'],
  ])('is not reached by %s (claim 4.2)', async (name, headers, code) => {
    asked = 0;
    const { errors } = await sendQuery(api.url, '{ who }', await headers());
    expect(errors).toMatchObject([{ extensions: { code } }]);
    expect(asked).toBe(name === 'nobody' ? 1 : 0);
  });

  it.each([
    ['a machine', async () => ({ params: { authorization: `Bearer ${await machine()}` } }), testClientId],
    ['a user with a token', async () => ({ params: { Authorization: `Bearer ${await user()}` } }), 'alice'],
    ['a user with a cookie', async () => ({ headers: { Cookie: 'session=alice' } }), 'alice'],
  ])('is subscribed to by %s', async (_name, options, who) => {
    await using socket = await GraphqlSocket.open(api.url, await options());
    expect((await socket.ask('subscription { news }')).data).toEqual({ news: `for ${who}` });
  });

  it.each([
    [
      'a machine without the scope',
      async () => ({ params: { authorization: `Bearer ${await machine({ scope: '' })}` } }),
    ],
    ['a machine in a cookie', async () => ({ headers: { Cookie: `session=${await machine()}` } })],
    [
      'a user and a machine at once',
      async () => ({
        headers: { Authorization: `Bearer ${await machine()}` },
        params: { authorization: `Bearer ${await user()}` },
      }),
    ],
  ])('is not subscribed to by %s (claim 4.2)', async (_name, options) => {
    asked = 0;
    await using socket = await GraphqlSocket.open(api.url, await options());
    expect((await socket.ask('subscription { news }')).errors).toHaveLength(1);
    expect(asked).toBe(0);
  });
});
