import { describe, expect, it } from '@jest/globals';
import { rowOf } from '../../../../lib/cli/handlers/handler-row.js';
import type { Condition } from '../../../../lib/resource-server/authorization/condition.js';
import type { M2MHandler } from '../../../../lib/resource-server/handler-audit/listed-handlers.js';

class ProductsController {}

const open: Condition = { decorator: 'Public' };

function accessTo(guarded: M2MHandler['guarded'], ...conditions: Condition[]): string {
  return rowOf({
    transport: 'http',
    class: ProductsController,
    method: 'list',
    conditions,
    guarded,
    userStrategies: [],
    httpMethod: 'GET',
    paths: ['/products'],
    versions: undefined,
    pattern: undefined,
  }).access;
}

describe('the access to a handler', () => {
  it('is what its guards say', () => {
    expect([accessTo('m2m'), accessTo('claimed'), accessTo('user'), accessTo(false)]).toEqual([
      'm2m',
      'claimed',
      'user',
      'none',
    ]);
  });

  it('is public with @Public(), unless a guard for users stands there', () => {
    expect([accessTo('m2m', open), accessTo(false, open), accessTo('user', open)]).toEqual([
      'public',
      'public',
      'user',
    ]);
  });
});
