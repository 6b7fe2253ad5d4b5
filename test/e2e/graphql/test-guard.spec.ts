import { describe, expect, it } from '@jest/globals';
import { UseGuards } from '@nestjs/common';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { Test } from '@nestjs/testing';
import { Caller, M2MGuard, RequireScopes } from '../../../lib/index.js';
import { M2MTestGuard } from '../../../lib/testing/index.js';
import { sendQuery } from '../../support/graphql-app.js';

@UseGuards(M2MGuard)
@Resolver()
class CatsResolver {
  @RequireScopes('read:cats')
  @Query(() => String)
  cats(@Caller('clientId') clientId: string): string {
    return `cats for ${clientId}`;
  }
}

describe('M2MTestGuard before a resolver', () => {
  it('holds its caller to the conditions, and refuses as M2MGuard does', async () => {
    const guard = new M2MTestGuard({ clientId: 'shelter', scopes: ['read:cats'] });
    const module = await Test.createTestingModule({
      imports: [GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true })],
      providers: [CatsResolver],
    })
      .overrideGuard(M2MGuard)
      .useValue(guard)
      .compile();
    const app = module.createNestApplication();
    try {
      await app.listen(0, '127.0.0.1');
      const url = await app.getUrl();
      expect((await sendQuery(url, '{ cats }')).data).toEqual({ cats: 'cats for shelter' });
      guard.callAs({ scopes: [] });
      expect((await sendQuery(url, '{ cats }')).errors).toMatchObject([
        { extensions: { code: 'FORBIDDEN', error: 'insufficient_scope', scope: 'read:cats' } },
      ]);
      guard.callAs(undefined);
      expect((await sendQuery(url, '{ cats }')).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    } finally {
      await app.close();
    }
  });
});
