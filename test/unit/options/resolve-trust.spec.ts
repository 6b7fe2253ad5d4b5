import { describe, expect, it } from '@jest/globals';
import type { M2MModuleOptions } from '../../../lib/options/module-options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { resolveFoundIssuer } from '../../../lib/options/resolve-trust.js';
import { problemsOf } from '../../support/problems-of.js';

const server = { issuer: 'https://id.test' };
const partner = { authorizationServer: { issuer: 'https://partner.test' }, audience: 'api', scopes: [] };
const resolver = { resolve: () => undefined };

function inboundOf(resourceServer: unknown, others: Partial<M2MModuleOptions> = {}) {
  return resolveOptions({ ...others, resourceServer } as M2MModuleOptions).resourceServer;
}

describe('trust without a primary issuer', () => {
  it.each([
    ['an issuer', [partner]],
    ['a function', [resolver]],
  ])('is %s', (_what, trust) => {
    expect(inboundOf({ trust })).toMatchObject({ primary: undefined, commonAudience: undefined });
  });

  it('is not the authorization server of the client, unless there is an audience', () => {
    const others = { authorizationServer: server };
    expect(inboundOf({ trust: [partner] }, others)).toMatchObject({
      issuers: [{ tenant: undefined }],
      primary: undefined,
    });
    expect(inboundOf({ trust: [partner], audience: 'api' }, others)?.primary?.authorizationServer.issuer).toBe(
      server.issuer,
    );
  });

  it('may have an audience for all', () => {
    expect(inboundOf({ trust: [resolver], audience: ['a', 'b'] })).toMatchObject({
      issuers: [],
      commonAudience: ['a', 'b'],
    });
  });

  it.each([
    ['no trust', {}, 'resourceServer.audience'],
    ['an empty trust', { trust: [] }, 'resourceServer.audience'],
    ['a server of its own', { trust: [partner], authorizationServer: server }, 'resourceServer.audience'],
    ['clients of nobody', { trust: [resolver], allowedClients: ['a'] }, 'resourceServer.allowedClients'],
    ['callers of nobody', { trust: [resolver], callers: 'any' }, 'resourceServer.callers'],
    ['no audience on purpose', { trust: [resolver], audience: null }, 'resourceServer.audience'],
    ['two functions', { trust: [resolver, resolver] }, 'resourceServer.trust'],
    ['no function', { trust: [{ resolve: 'tenants' }] }, 'resourceServer.trust[0].resolve'],
    [
      'a function beside an issuer',
      { trust: [{ ...partner, ...resolver }] },
      'resourceServer.trust[0].authorizationServer',
    ],
    [
      'hosts with a port',
      { trust: [{ ...resolver, allowedHosts: ['a:443'] }] },
      'resourceServer.trust[0].allowedHosts',
    ],
    ['a tenant without a name', { trust: [{ ...partner, tenant: '' }] }, 'resourceServer.trust[0].tenant'],
  ])('is refused with %s', (_what, resourceServer, option) => {
    expect(problemsOf(() => inboundOf(resourceServer)).map((problem) => problem.option)).toContain(option);
  });

  it('calls the function as a method of what has it', () => {
    const found = { a: 1 };
    const tenants: unknown = Object.create({
      found,
      resolve(this: { found: unknown }) {
        return this.found;
      },
    });
    expect(inboundOf({ trust: [tenants] })?.resolver?.resolve('https://id.test/')).toBe(found);
  });
});

describe('resolveFoundIssuer', () => {
  it('makes an issuer of an answer', () => {
    expect(resolveFoundIssuer({ ...partner, tenant: 't' })).toMatchObject({
      authorizationServer: { issuer: 'https://partner.test' },
      audience: ['api'],
      callers: 'machine',
      tenant: 't',
    });
  });

  it.each([
    ['nothing', {}, 'resourceServer.trust.resolve().authorizationServer'],
    ['an unknown option', { ...partner, resolve: 1 }, 'resourceServer.trust.resolve().resolve'],
    [
      'a server open to strangers',
      { ...partner, authorizationServer: { issuer: 'https://accounts.google.com' } },
      'resourceServer.trust.resolve().allowedClients',
    ],
    [
      'further headers',
      { ...partner, authorizationServer: { ...partner.authorizationServer, requestHeaders: () => ({}) } },
      'resourceServer.trust.resolve().authorizationServer.requestHeaders',
    ],
  ])('refuses %s', (_what, answer, option) => {
    expect(problemsOf(() => resolveFoundIssuer(answer)).map((problem) => problem.option)).toContain(option);
  });
});
