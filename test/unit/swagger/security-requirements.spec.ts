import { describe, expect, it } from '@jest/globals';
import type { Condition } from '../../../lib/resource-server/authorization/condition.js';
import { uniteConditions } from '../../../lib/resource-server/authorization/handler-conditions.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';
import { securityRequirements } from '../../../lib/swagger/security-requirements.js';
import { securitySchemes } from '../../../lib/swagger/security-scheme.js';

const primary = { issuer: 'https://id.test' };
const partner = { issuer: 'https://partner.test' };
const audience = ['https://api.test', 'https://admin.test'];
const ofPartner = { authorizationServer: partner, audience: 'https://api.test', scopes: ['read'] };
const found = { resolve: () => undefined };

function requirements(conditions: Condition[], options: Partial<M2MResourceServerOptions> = {}): unknown {
  const resourceServer = { authorizationServer: primary, audience, ...options } as M2MResourceServerOptions;
  const resolved = resolveOptions({ resourceServer }).resourceServer;
  if (!resolved) throw new Error('no resource server');
  return securityRequirements(uniteConditions([], conditions), securitySchemes(resolved));
}

const all = (...scopes: string[]): Condition => ({ decorator: 'RequireScopes', scopes });
const any = (...scopes: string[]): Condition => ({ decorator: 'RequireAnyScope', scopes });

describe('the requirements of a handler', () => {
  it('are one without scopes if there is no condition', () => {
    expect(requirements([])).toEqual([{ m2m: [] }]);
  });

  it('are one with the scopes of all @RequireScopes', () => {
    expect(requirements([all('read'), all('write', 'read')])).toEqual([{ m2m: ['read', 'write'] }]);
  });

  it('are an alternative for each scope of @RequireAnyScope', () => {
    expect(requirements([all('read'), any('a', 'b')])).toEqual([{ m2m: ['read', 'a'] }, { m2m: ['read', 'b'] }]);
  });

  it('are every combination of several groups, without those that hold another one', () => {
    expect(requirements([any('a', 'b'), any('b', 'c')])).toEqual([{ m2m: ['a', 'c'] }, { m2m: ['b'] }]);
    expect(requirements([any('a', 'b'), any('b', 'a')])).toEqual([{ m2m: ['a'] }, { m2m: ['b'] }]);
    expect(requirements([all('a'), any('a', 'b')])).toEqual([{ m2m: ['a'] }]);
  });

  it('have an alternative for each issuer whose tokens may hold the scopes', () => {
    expect(requirements([all('read')], { trust: [ofPartner] })).toEqual([{ m2m: ['read'] }, { 'm2m-2': ['read'] }]);
    expect(requirements([all('write')], { trust: [ofPartner] })).toEqual([{ m2m: ['write'] }]);
  });

  it('have no alternative for an issuer whose tokens are for another audience', () => {
    const admin: Condition = { decorator: 'RequireAudience', audience: 'https://admin.test' };
    expect(requirements([admin], { trust: [ofPartner] })).toEqual([{ m2m: [] }]);
    // What a function finds may be for any.
    expect(requirements([admin], { trust: [ofPartner, found] })).toEqual([{ m2m: [] }, { 'm2m-3': [] }]);
  });

  it('have no alternative for an issuer none of whose clients is allowed, and name no client (claim 4.14)', () => {
    const own: Condition = { decorator: 'AllowClients', clients: ['orders'] };
    const theirs: Condition = { decorator: 'AllowClients', clients: [{ issuer: partner.issuer, clientId: 'theirs' }] };
    expect(requirements([own], { trust: [ofPartner, found] })).toEqual([{ m2m: [] }]);
    expect(requirements([theirs], { trust: [ofPartner, found] })).toEqual([{ 'm2m-2': [] }]);
    const dynamic: Condition = { decorator: 'AllowClients', clients: [{ issuer: 'https://t7.test', clientId: 'x' }] };
    expect(requirements([dynamic], { trust: [ofPartner, found] })).toEqual([{ 'm2m-3': [] }]);
  });

  it('are never an empty list, which would say that everybody may call (claim 4.14)', () => {
    const options = { authorizationServer: undefined, audience: undefined, trust: [ofPartner] };
    expect(requirements([all('write')], options)).toEqual([{ m2m: ['write'] }]);
  });

  it('have one alternative without scopes for all issuers that a function finds', () => {
    const expected = [{ m2m: ['a'] }, { m2m: ['b'] }, { 'm2m-2': [] }];
    expect(requirements([any('a', 'b')], { trust: [found] })).toEqual(expected);
  });
});
