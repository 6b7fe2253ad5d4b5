import { describe, expect, it } from '@jest/globals';
import { Public } from '../../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { OptionalToken } from '../../../../lib/resource-server/authorization/decorators/optional-token.decorator.js';
import { RequireAudience } from '../../../../lib/resource-server/authorization/decorators/require-audience.decorator.js';
import { RequireScopes } from '../../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { lostConditions } from '../../../../lib/resource-server/authorization/lost-conditions.js';

class Base {
  @RequireScopes('read')
  list(): void {}
}

/** Puts another function in a method's place, as caching and tracing decorators do. */
const Wrapped: MethodDecorator = (_target, _key, descriptor) => ({ ...descriptor, value: (() => {}) as never });

describe('lostConditions', () => {
  it('is empty for a method that has what it was decorated with, also if it is inherited', () => {
    class Derived extends Base {}
    expect(lostConditions(Derived.prototype, 'list')).toEqual({ hidden: [], dropped: [] });
  });

  it('has what a decorator above has hidden', () => {
    class Hiding {
      @Wrapped
      @RequireScopes('read')
      list(): void {}
    }
    const { hidden, dropped } = lostConditions(Hiding.prototype, 'list');
    expect([hidden, dropped]).toEqual([[{ decorator: 'RequireScopes', scopes: ['read'] }], []]);
  });

  it('has what an override has dropped', () => {
    class Dropping extends Base {
      override list(): void {}
    }
    const requirement = { decorator: 'RequireScopes', scopes: ['read'] };
    expect(lostConditions(Dropping.prototype, 'list')).toEqual({
      hidden: [],
      dropped: [{ from: 'Base', requirement }],
    });
  });

  it('has an audience that an override has dropped, though it asks for scopes', () => {
    class ForAdmins {
      @RequireAudience('https://admin-api')
      @RequireScopes('read')
      list(): void {}
    }
    class Dropping extends ForAdmins {
      @RequireScopes('read')
      override list(): void {}
    }
    const requirement = { decorator: 'RequireAudience', audience: 'https://admin-api' };
    expect(lostConditions(Dropping.prototype, 'list').dropped).toEqual([{ from: 'ForAdmins', requirement }]);
  });

  it('has nothing that an override replaces, its class repeats, or @Public() and @OptionalToken() lift', () => {
    class Replacing extends Base {
      @RequireScopes('admin')
      override list(): void {}
    }
    @RequireScopes('read')
    class Repeating extends Base {
      override list(): void {}
    }
    class Lifting extends Base {
      @Public()
      override list(): void {}
    }
    class MakingOptional extends Base {
      @OptionalToken()
      override list(): void {}
    }
    for (const { prototype } of [Replacing, Repeating, Lifting, MakingOptional]) {
      expect(lostConditions(prototype, 'list').dropped).toEqual([]);
    }
  });
});
