import { describe, expect, it } from '@jest/globals';
import type { Condition } from '../../../../lib/resource-server/authorization/condition.js';
import type { HandlerTransport } from '../../../../lib/resource-server/handler-audit/declared-classes.js';
import { publishedScopes } from '../../../../lib/resource-server/resource-metadata/published-scopes.js';

class ProductsController {
  list(): void {}
}

const handler = (transport: HandlerTransport, ...conditions: Condition[]) => ({
  transport,
  class: ProductsController,
  method: 'list',
  conditions,
});

describe('publishedScopes', () => {
  it('are those of HTTP and GraphQL, each once and sorted', () => {
    const scopes = publishedScopes([
      handler('http', { decorator: 'RequireScopes', scopes: ['write', 'read'] }, { decorator: 'OptionalToken' }),
      handler('graphql', { decorator: 'RequireAnyScope', scopes: ['read', 'admin'] }),
      handler('message', { decorator: 'RequireScopes', scopes: ['consume'] }),
      handler('http', { decorator: 'AllowClients', clients: ['a-client'] }),
    ]);
    expect(scopes).toEqual(['admin', 'read', 'write']);
  });
});
