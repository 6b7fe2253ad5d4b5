import { describe, expect, it } from '@jest/globals';
import type { M2MTarget } from '../../../lib/options/client-options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { problemsOf } from '../../support/problems-of.js';

const url = 'https://shop.example.com';
const billing = { clientId: 'billing', clientSecret: 'secret' };

function resolve(target: Partial<M2MTarget>, acceptsCallers = true) {
  return resolveOptions({
    authorizationServer: { issuer: 'https://id.example.com' },
    client: { clientId: 'orders', clientSecret: 'secret', targets: { shop: { url, ...target } }, clients: { billing } },
    ...(acceptsCallers && { resourceServer: { audience: 'orders-api' } }),
  }).client?.targets[0];
}

describe("token: 'relay' of a target", () => {
  it('is resolved with its audience, and no answer rejects its token', () => {
    const relayed = { tokenChoice: 'relay', rejectedWhen: 'never' };
    expect(resolve({ token: 'relay', audience: 'shop-api' })).toMatchObject({
      ...relayed,
      token: { audience: 'shop-api' },
    });
    expect(resolve({ token: 'relay', audience: null, rejectedWhen: 'never' })).toMatchObject({
      ...relayed,
      token: { audience: undefined },
    });
  });

  const wrong: [string, Partial<M2MTarget>, string][] = [
    ['no audience', { audience: undefined }, 'client.targets.shop.audience'],
    ['a scope', { scope: 'read' }, 'client.targets.shop.scope'],
    ['a resource', { resource: 'https://shop' }, 'client.targets.shop.resource'],
    ['an organization', { organization: 'acme' }, 'client.targets.shop.organization'],
    ['parameters', { parameters: { a: 1 } }, 'client.targets.shop.parameters'],
    ['a client', { client: 'billing' }, 'client.targets.shop.client'],
    ["usableBy: 'any-client'", { usableBy: 'any-client' }, 'client.targets.shop.usableBy'],
    ["rejectedWhen: 'auto'", { rejectedWhen: 'auto' }, 'client.targets.shop.rejectedWhen'],
    ['a function rejectedWhen', { rejectedWhen: () => true }, 'client.targets.shop.rejectedWhen'],
  ];
  it.each(wrong)('with %s stops the start', (_, target, option) => {
    const problems = problemsOf(() => resolve({ token: 'relay', audience: 'shop-api', ...target }));
    expect(problems.map((problem) => problem.option)).toEqual([option]);
  });

  it('without a resourceServer stops the start: nobody accepts the token of a caller', () => {
    const problems = problemsOf(() => resolve({ token: 'relay', audience: 'shop-api' }, false));
    expect(problems).toMatchObject([
      { option: 'client.targets.shop.token', remedy: expect.stringContaining('resourceServer') },
    ]);
  });
});

describe("token: 'own' of a target", () => {
  it('is the default', () => {
    expect(resolve({}, false)).toMatchObject({ tokenChoice: 'own', rejectedWhen: 'auto' });
  });

  it('takes no audience: null, which is for tokens of callers', () => {
    const problems = problemsOf(() => resolve({ audience: null }));
    expect(problems.map((problem) => problem.option)).toEqual(['client.targets.shop.audience']);
  });

  it('is not misspelt', () => {
    expect(problemsOf(() => resolve({ token: 'relayed' as never }))[0]?.problem).toBe(
      "is 'relayed', not one of its words",
    );
  });
});
