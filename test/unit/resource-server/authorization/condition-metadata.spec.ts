import { describe, expect, it } from '@jest/globals';
import { M2MConfigurationError } from '../../../../lib/errors/configuration.error.js';
import {
  addCondition,
  readConditions,
  readDeclaration,
} from '../../../../lib/resource-server/authorization/condition-metadata.js';
import type { Condition } from '../../../../lib/resource-server/authorization/condition.js';

const KEY = Symbol.for('nestjs-m2m:conditions');
const read: Condition = { decorator: 'RequireScopes', scopes: ['read'] };
const write: Condition = { decorator: 'RequireScopes', scopes: ['write'] };

const written = (entry: unknown): (() => void) => {
  class Listing {
    list(): void {}
  }
  Reflect.defineMetadata(KEY, entry, Listing.prototype.list);
  return Listing.prototype.list;
};

describe('the metadata of conditions', () => {
  it('is an entry with a version, under a key that all copies of the package share', () => {
    class Listing {
      @addCondition(read)
      list(): void {}
    }
    const entry: unknown = Reflect.getMetadata(KEY, Listing.prototype.list);
    expect(entry).toEqual({ version: 1, conditions: [read] });
    expect(Object.isFrozen(entry)).toBe(true);
  });

  it('is read if another copy has written it', () => {
    expect(readConditions(written({ version: 1, conditions: [read] }))).toEqual([read]);
  });

  it('has the conditions of a class and of those that it extends', () => {
    @addCondition(read)
    class Base {}
    @addCondition(write)
    class Derived extends Base {}
    class Bare extends Derived {}
    expect([readConditions(Base), readConditions(Bare)]).toEqual([[read], [write, read]]);
  });

  it('tells what a method was decorated with, even if its function was replaced', () => {
    class Listing {
      @addCondition(write)
      @addCondition(read)
      list(): void {}
    }
    Listing.prototype.list = () => {};
    expect(readConditions(Listing.prototype.list)).toEqual([]);
    expect(readDeclaration(Listing.prototype, 'list')).toEqual([write, read]);
    expect(readDeclaration(Listing.prototype, 'other')).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['an entry of another version', { version: 2, conditions: [read] }],
    ['an entry without a version', { conditions: [read] }],
    ['a @Public() of another version', { version: 2, conditions: [{ decorator: 'Public' }] }],
    ['an @OptionalToken() of another version', { version: 2, conditions: [{ decorator: 'OptionalToken' }] }],
    ['a condition of a kind that is not known', { version: 1, conditions: [{ decorator: 'RequireTenant' }] }],
    [
      'a @Public() beside a condition that is not known',
      { version: 1, conditions: [{ decorator: 'Public' }, { decorator: 'RequireTenant' }] },
    ],
    ['a condition without its audience', { version: 1, conditions: [{ decorator: 'RequireAudience' }] }],
    ['a condition without its scopes', { version: 1, conditions: [{ decorator: 'RequireScopes' }] }],
    ['a condition without its clients', { version: 1, conditions: [{ decorator: 'AllowClients', scopes: [] }] }],
    ['a condition that is null', { version: 1, conditions: [null] }],
    ['conditions that are no list', { version: 1, conditions: read }],
    ['a list', [read]],
    ['null', null],
  ])('is refused if it is %s', (_name, entry) => {
    expect(() => readConditions(written(entry))).toThrow(M2MConfigurationError);
    expect(() => addCondition(read)(written(entry))).toThrow('another version of nestjs-m2m');
  });
});
