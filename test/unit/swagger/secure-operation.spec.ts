import { describe, expect, it } from '@jest/globals';
import type { M2MHandler } from '../../../lib/resource-server/handler-audit/listed-handlers.js';
import type { Operation, SecurityRequirement } from '../../../lib/swagger/openapi-document.js';
import { secureOperation } from '../../../lib/swagger/secure-operation.js';

class ProductsController {}

const scheme = { name: 'm2m', issuer: undefined, hasScopes: false };
const own: SecurityRequirement[] = [{ key: [] }];
const common: SecurityRequirement[] = [{ session: [] }];

function handler(fields: Partial<M2MHandler>): M2MHandler {
  return {
    transport: 'http',
    class: ProductsController,
    method: 'list',
    conditions: [],
    guarded: 'm2m',
    userStrategies: [],
    httpMethod: 'GET',
    paths: ['/products'],
    versions: undefined,
    pattern: undefined,
    ...fields,
  };
}

const open = { conditions: [{ decorator: 'Public' }] } as const;

function secured(handlers: readonly Partial<M2MHandler>[], operation: Partial<Operation> = {}): Operation {
  const written = { responses: {}, ...operation };
  secureOperation(written, handlers.map(handler), [scheme], common);
  return written;
}

describe('the security of an operation', () => {
  it('replaces its own if the guard takes tokens of machines only', () => {
    expect(secured([{}], { security: own }).security).toEqual([{ m2m: [] }]);
  });

  it('has its own as an alternative if the guard lets in others', () => {
    const users = { userStrategies: ['user-jwt'] };
    expect(secured([users], { security: own }).security).toEqual([{ m2m: [] }, { key: [] }]);
    expect(secured([users]).security).toEqual([{ m2m: [] }, { session: [] }]);
    expect(secured([{ guarded: 'claimed' }], { security: own }).security).toEqual([{ m2m: [] }, { key: [] }]);
  });

  it('has beside a token what its own names beside the scheme', () => {
    const both: SecurityRequirement[] = [{ m2m: ['stale'], key: [] }];
    expect(secured([{}], { security: both }).security).toEqual([{ m2m: [], key: [] }]);
    expect(secured([{}], { security: [...both, { m2m: [] }, ...own] }).security).toEqual([
      { m2m: [], key: [] },
      { m2m: [] },
    ]);
    expect(secured([{ guarded: 'claimed' }], { security: [...both, ...own] }).security).toEqual([
      { m2m: [], key: [] },
      { key: [] },
    ]);
    const written = secured([{}], { security: both });
    expect(secured([{}], written)).toEqual(written);
  });

  it('is empty for a public handler, unless the operation has its own', () => {
    expect(secured([open]).security).toEqual([]);
    expect(secured([{ ...open, guarded: false }]).security).toEqual([]);
    expect(secured([open], { security: own }).security).toEqual(own);
  });

  it('stays as it is for a handler whose callers another guard authenticates', () => {
    expect(secured([{ guarded: 'user' }])).not.toHaveProperty('security');
    expect(secured([{ ...open, guarded: 'user' }])).not.toHaveProperty('security');
    expect(secured([{ guarded: false }])).not.toHaveProperty('security');
    expect(secured([])).not.toHaveProperty('security');
  });

  it('of several handlers has what each of them needs', () => {
    expect(secured([{}, open]).security).toEqual([{}, { m2m: [] }]);
    expect(secured([{}, { guarded: false }]).security).toEqual([{}, { m2m: [] }]);
    expect(secured([{}, { guarded: 'user' }], { security: own }).security).toEqual([{ m2m: [] }, { key: [] }]);
    expect(secured([open, { guarded: 'user' }])).not.toHaveProperty('security');
  });
});

describe('the responses of an operation', () => {
  it('are those of a refusal, beside its own', () => {
    const forbidden = { description: 'ours' };
    expect(secured([{}], { responses: { 200: { description: '' }, 403: forbidden } }).responses).toEqual({
      200: { description: '' },
      401: { $ref: '#/components/responses/M2MUnauthorized' },
      403: forbidden,
      503: { $ref: '#/components/responses/M2MServiceUnavailable' },
    });
  });

  it.each([
    ['default', []],
    ['4XX', ['503']],
    ['4xx', ['503']],
    ['5XX', ['401', '403']],
  ])('have none for what %s describes', (range, added) => {
    const responses = { [range]: { description: 'ours' } };
    expect(Object.keys(secured([{}], { responses }).responses).toSorted()).toEqual([...added, range].toSorted());
  });

  it('are added to none of another operation that shares them', () => {
    const responses = { 200: { description: '' } };
    secured([{}], { responses });
    expect(responses).toEqual({ 200: { description: '' } });
  });

  it('stay as they are if nobody is refused by M2MGuard', () => {
    expect(secured([open, { guarded: 'user' }]).responses).toEqual({});
  });
});
