import { describe, expect, it } from '@jest/globals';
import type { AllowedClient, Condition } from '../../../../lib/resource-server/authorization/condition.js';
import { argumentFindings } from '../../../../lib/resource-server/handler-audit/argument-findings.js';

const issuer = 'https://a.test';
const found = (condition: Condition): string[][] =>
  argumentFindings(condition, [issuer]).map(({ problem, remedy }) => [problem, remedy]);

const withScope = (scope: unknown): Condition => ({ decorator: 'RequireScopes', scopes: [scope as string] });
const withClient = (client: unknown): Condition => ({
  decorator: 'AllowClients',
  clients: [client as AllowedClient],
});
describe('the findings about the arguments of a condition', () => {
  it.each<[unknown, string, string]>([
    [undefined, 'undefined', "'read:products'"],
    [null, 'null', "'read:products'"],
    [7, 'a number', "'read:products'"],
    [{ scope: 'a' }, 'an object', "'read:products'"],
    [['a', 'b'], 'an array', "'a', 'b'"],
    [['a b', undefined], 'an array', "'a', 'b'"],
  ])('a scope cannot be %j', (scope, problem, remedy) => {
    expect(found(withScope(scope))).toEqual([
      [`has @RequireScopes with ${problem}, which is not one scope`, `@RequireScopes(${remedy})`],
    ]);
  });

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
  ])('a client cannot be %j', (client, problem, remedy) => {
    expect(found(withClient(client))).toEqual([[`has @AllowClients with ${problem}`, remedy]]);
  });

  it('there are none about clients that are named well', () => {
    expect([...found(withClient('orders')), ...found(withClient({ issuer, clientId: 'orders' }))]).toEqual([]);
  });
});
