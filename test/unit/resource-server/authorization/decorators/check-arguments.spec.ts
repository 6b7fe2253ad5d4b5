import { describe, expect, it } from '@jest/globals';
import { M2MConfigurationError } from '../../../../../lib/errors/configuration.error.js';
import { AllowClients } from '../../../../../lib/resource-server/authorization/decorators/allow-clients.decorator.js';
import {
  checkAudience,
  checkCallerField,
  checkClients,
  checkScopes,
} from '../../../../../lib/resource-server/authorization/decorators/check-arguments.js';
import { RequireAnyScope } from '../../../../../lib/resource-server/authorization/decorators/require-any-scope.decorator.js';
import { RequireAudience } from '../../../../../lib/resource-server/authorization/decorators/require-audience.decorator.js';
import { RequireScopes } from '../../../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';

const issuer = 'https://a.test';

function problems(run: () => unknown): (readonly [option: string, problem: string, remedy: string])[] {
  try {
    run();
    return [];
  } catch (error) {
    if (!(error instanceof M2MConfigurationError)) throw error;
    return error.problems.map((each) => [each.option, each.problem, each.remedy] as const);
  }
}

describe('checkScopes', () => {
  it.each<[unknown, string, string]>([
    [undefined, 'undefined', "'read:products'"],
    [null, 'null', "'read:products'"],
    [7, 'a number', "'read:products'"],
    ['', "''", "'read:products'"],
    ['"', `'"'`, "'read:products'"],
    ['read:a write:b', "'read:a write:b'", "'read:a', 'write:b'"],
    [{ scope: 'a' }, 'an object', "'read:products'"],
    [['a', 'b'], 'an array', "'a', 'b'"],
    [['a b', undefined], 'an array', "'a', 'b'"],
  ])('refuses %j', (scope, found, remedy) => {
    expect(problems(() => checkScopes('@RequireScopes', ['fine', scope]))).toEqual([
      ['@RequireScopes', `has ${found}, which is not one scope`, `@RequireScopes(${remedy})`],
    ]);
  });

  it('reports all bad scopes at once, and an empty list', () => {
    expect(problems(() => checkScopes('@RequireAnyScope', ['"', 'fine', '']))).toHaveLength(2);
    expect(problems(() => checkScopes('@RequireAnyScope', []))).toEqual([
      ['@RequireAnyScope', 'has no arguments', "@RequireAnyScope('read:products')"],
    ]);
  });

  it('returns a frozen copy', () => {
    const scopes = ['a', 'b'];
    const checked = checkScopes('@RequireScopes', scopes);
    scopes.push('c');
    expect([checked, Object.isFrozen(checked)]).toEqual([['a', 'b'], true]);
  });
});

describe('checkClients', () => {
  const plain = "@AllowClients('billing')";
  const full = `@AllowClients({ issuer: '${issuer}', clientId: 'billing' })`;

  it.each<[unknown, string, string]>([
    [undefined, 'undefined, which is not one client', plain],
    [null, 'null, which is not one client', plain],
    [7, 'a number, which is not one client', plain],
    [['a', 'b'], 'an array, which is not one client', "@AllowClients('a', 'b')"],
    ['', 'an empty client id', plain],
    [{ issuer, clientId: '' }, 'an empty client id', full],
    [{ issuer }, 'an object without clientId', full],
    [{ issuer, clientId: 7 }, 'an object without clientId', full],
    [{ clientId: 'orders' }, 'an object without issuer', "@AllowClients('orders')"],
  ])('refuses %j', (client, found, remedy) => {
    expect(problems(() => checkClients([client]))).toEqual([['@AllowClients', `has ${found}`, remedy]]);
  });

  it('reports an empty list', () => {
    expect(problems(() => checkClients([]))).toEqual([['@AllowClients', 'has no arguments', plain]]);
  });

  it('returns frozen copies, of the clients too', () => {
    const client = { issuer, clientId: 'orders' };
    const checked = checkClients(['billing', client]);
    client.clientId = 'admin';
    expect(checked).toEqual(['billing', { issuer, clientId: 'orders' }]);
    expect([checked, ...checked].every((each) => Object.isFrozen(each))).toBe(true);
  });
});

describe('checkAudience', () => {
  const example = "@RequireAudience('https://admin-api')";

  it.each<[unknown[], string, string]>([
    [[], 'has no argument', example],
    [[undefined], 'has undefined, which is not one audience', example],
    [[''], "has '', which is not one audience", example],
    [[' '], "has ' ', which is not one audience", example],
    [[7], 'has a number, which is not one audience', example],
    [[['a', 'b']], 'has an array, which is not one audience', "@RequireAudience('a')\n@RequireAudience('b')"],
    [['a', 'b'], "has 'a', 'b', which is not one audience", "@RequireAudience('a')\n@RequireAudience('b')"],
  ])('refuses %j', (audience, found, remedy) => {
    expect(problems(() => checkAudience(audience))).toEqual([['@RequireAudience', found, remedy]]);
  });

  it('returns the one audience as it is', () => {
    expect(checkAudience(['urn:a b'])).toBe('urn:a b');
  });
});

describe('checkCallerField', () => {
  const all =
    '@Caller() for all, or one of clientId, issuer, subject, audience, scopes, organization, tenant, kind, expiresAt, claims';

  it.each<[unknown, string, string]>([
    ['clientID', "'clientID'", "@Caller('clientId')"],
    ['client_id', "'client_id'", "@Caller('clientId')"],
    ['scope', "'scope'", "@Caller('scopes')"],
    ['claim', "'claim'", "@Caller('claims')"],
    ['hasScope', "'hasScope'", all],
    ['constructor', "'constructor'", all],
    ['', "''", all],
    [7, 'a number', all],
    [['clientId'], 'an array', all],
  ])('refuses %j', (field, found, remedy) => {
    expect(problems(() => checkCallerField(field))).toEqual([
      ['@Caller', `has ${found}, which is no field of a caller`, remedy],
    ]);
  });

  it('takes the fields of a caller, pipes and nothing', () => {
    const pipe = { transform: (value: unknown) => value };
    for (const field of ['clientId', 'claims', undefined, null, pipe, class {}]) {
      expect(problems(() => checkCallerField(field))).toEqual([]);
    }
  });
});

describe('the decorators of conditions', () => {
  it('throw when they are called, before they decorate anything', () => {
    const none: never[] = [];
    const all: unknown = [RequireScopes, RequireAnyScope, AllowClients, RequireAudience];
    for (const call of all as ((...args: string[]) => unknown)[]) {
      expect(() => call(...none)).toThrow(M2MConfigurationError);
      expect(() => call('')).toThrow(M2MConfigurationError);
      expect(() => call('fine')).not.toThrow();
    }
  });
});
