import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Query, Resolver, Subscription } from '@nestjs/graphql';
import { Caller, M2MGuard, Public, type M2MModuleOptions } from '../../../lib/index.js';
import type { M2MRequest } from '../../../lib/resource-server/transports/m2m-request.js';
import { graphqlOptions, graphqlServers, sendQuery, startGraphqlApp } from '../../support/graphql-app.js';
import { GraphqlSocket } from '../../support/graphql-socket.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';

@Resolver()
class NamesResolver {
  @UseGuards(M2MGuard)
  @Query(() => String)
  whoAmI(@Caller('clientId') clientId: string): string {
    return clientId;
  }

  @UseGuards(M2MGuard)
  @Subscription(() => String)
  names(): AsyncIterator<string> {
    throw new Error('nobody reaches it');
  }
}

@Resolver()
class UndecoratedResolver {
  @Query(() => String)
  secret(): string {
    return 'secret';
  }

  @Public()
  @Query(() => String)
  health(@Caller() caller: unknown): string {
    return String(caller);
  }
}

class LaxGuard extends M2MGuard {
  protected override isPublic(): boolean {
    return true;
  }
}

/** A context with a copy of the request that opened a connection, or of the one that came. */
function copied(given: GivenContext): object {
  const { headers } = given.extra?.request ?? given.req ?? given;
  return { req: { headers } };
}

interface GivenContext {
  readonly headers?: object;
  readonly extra?: { readonly request: M2MRequest };
  readonly req?: M2MRequest;
}

const ofTenant = (): object => ({ tenant: 'acme' });

describe.each(graphqlServers)('M2MGuard before resolvers, with %s,', (server) => {
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
  });
  afterAll(() => issuer.stop());

  const options = (): M2MModuleOptions => graphqlOptions(issuer);
  const authorization = async () => ({ Authorization: `Bearer ${await issuer.mint()}` });

  it('finds the request in a context of the application that adds to it', async () => {
    await using api = await startGraphqlApp({
      server,
      options: options(),
      resolvers: [NamesResolver],
      module: { context: ofTenant },
    });
    expect((await sendQuery(api.url, '{ whoAmI }', await authorization())).data).toEqual({ whoAmI: testClientId });
    expect((await sendQuery(api.url, '{ whoAmI }')).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });

  it.each([
    ['a req of its own', () => ({ req: { user: 'alice' } })],
    ['headers that are no request', () => ({ req: { headers: undefined } })],
  ])('refuses a context with %s, and says what to write', async (_name, context) => {
    await using api = await startGraphqlApp({
      server,
      options: options(),
      resolvers: [NamesResolver],
      module: { context },
    });
    const { data, errors } = await sendQuery(api.url, '{ whoAmI }', await authorization());
    expect([data, errors?.[0]?.message]).toEqual([null, 'Forbidden resource']);
    expect(api.log.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(
        /^M2M-3001 NamesResolver\.whoAmI was refused: M2MGuard has no transport for a context of GraphQL without a request; write: no context function/,
      ),
    );
  });

  it('refuses a subscription that it could not end, and says why', async () => {
    const module = {
      context: copied,
      subscription: { context: (_socket: unknown, request: M2MRequest) => ({ req: { headers: request.headers } }) },
    };
    await using api = await startGraphqlApp({
      server,
      options: options(),
      resolvers: [NamesResolver],
      module: module as never,
    });
    await using socket = await GraphqlSocket.open(api.url, { headers: await authorization() });
    expect((await socket.ask('subscription { names }')).errors).toMatchObject([{ message: 'Forbidden resource' }]);
    expect(api.log.map(({ text }) => text)).toContainEqual(
      expect.stringContaining('M2MGuard has no transport for a subscription whose context has a copy of its request'),
    );
  });

  it('answers nothing of its own failure, which the log tells (claim 4.9)', async () => {
    const { authorizationServer, resourceServer } = options();
    const broken = { ...authorizationServer, readClaims: () => undefined } as never;
    await using api = await startGraphqlApp({
      server,
      options: { authorizationServer: broken, resourceServer },
      resolvers: [NamesResolver],
    });
    const { errors } = await sendQuery(api.url, '{ whoAmI again: whoAmI }', await authorization());
    expect(errors).toHaveLength(1);
    expect(errors).toMatchObject([{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect(JSON.stringify(errors)).not.toContain('readClaims');
    expect(api.log.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(
        /^M2M-3005 NamesResolver\.whoAmI could not be guarded: .*readClaims returned something else/s,
      ),
    );
  });

  it('refuses as a global guard what GraphQL is not on for, and names the option (claim 4.5)', async () => {
    const resourceServer = { audience: testAudience };
    const providers = [{ provide: APP_GUARD, useExisting: M2MGuard }];
    const resolvers = [UndecoratedResolver];
    await using api = await startGraphqlApp({
      server,
      options: { ...options(), resourceServer },
      resolvers,
      providers,
    });
    const { data } = await sendQuery(api.url, '{ secret }', await authorization());
    expect(data).toBeNull();
    expect(api.log.map(({ text }) => text)).toContainEqual(
      'M2M-3001 UndecoratedResolver.secret was refused: M2MGuard has no transport for graphql; write: resourceServer.transports: [graphql()]',
    );
  });

  it('gives no caller to a handler that it was not asked about', async () => {
    const providers = [{ provide: APP_GUARD, useExisting: M2MGuard }];
    await using api = await startGraphqlApp({
      server,
      options: options(),
      resolvers: [UndecoratedResolver],
      providers,
    });
    expect((await sendQuery(api.url, '{ health }', await authorization())).errors).toHaveLength(1);
    expect((await sendQuery(api.url, '{ secret }', await authorization())).data).toEqual({ secret: 'secret' });
  });

  it('does not ask an isPublic() of the application, which knows requests of HTTP only', async () => {
    const providers = [LaxGuard, { provide: APP_GUARD, useExisting: LaxGuard }];
    await using api = await startGraphqlApp({
      server,
      options: options(),
      resolvers: [UndecoratedResolver],
      providers,
    });
    expect((await sendQuery(api.url, '{ secret }')).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });
});
