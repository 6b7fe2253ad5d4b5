import { describe, expect, it } from '@jest/globals';
import type { M2MResourceServerOptions } from '../../../../lib/options/resource-server-options.js';
import { resolveOptions } from '../../../../lib/options/resolve-options.js';
import type { AllowedClient } from '../../../../lib/resource-server/authorization/condition.js';
import { addUnacceptedIssuers } from '../../../../lib/resource-server/handler-audit/unaccepted-names.js';
import { Problems } from '../../../../lib/validation/problems.js';

const partner = { authorizationServer: { issuer: 'https://partner.test' }, audience: 'api', scopes: [] };

function problemsOf(trust: M2MResourceServerOptions['trust'], client: AllowedClient): number {
  const { resourceServer } = resolveOptions({ resourceServer: { trust } as M2MResourceServerOptions });
  const problems = new Problems();
  addUnacceptedIssuers(problems, 'list', [{ decorator: 'AllowClients', clients: [client] }], resourceServer);
  return problems.count;
}

describe('addUnacceptedIssuers', () => {
  it.each<[string, M2MResourceServerOptions['trust'], AllowedClient, number]>([
    ['a client of an issuer', [partner], { issuer: 'https://partner.test', clientId: 'a' }, 0],
    ['a client of a stranger', [partner], { issuer: 'https://stranger.test', clientId: 'a' }, 1],
    ['a client of nobody in particular', [partner], 'a', 1],
    [
      'a client that a function may find',
      [{ resolve: () => undefined }],
      { issuer: 'https://t.test', clientId: 'a' },
      0,
    ],
    ['a client that no function finds', [{ resolve: () => undefined }], { issuer: 'http://t.test', clientId: 'a' }, 1],
  ])('tells whether @AllowClients can name %s', (_what, trust, client, count) => {
    expect(problemsOf(trust, client)).toBe(count);
  });
});
