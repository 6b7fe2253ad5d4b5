import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Scope } from '@nestjs/common';
import { RequireScopes } from '../../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { auditedClass, auditedClasses, Message, methodOf } from '../../../support/audited-classes.js';

class Base {
  @RequireScopes('read')
  @Get()
  list(): void {}
}

@Controller()
class ItemsController extends Base {
  constructor() {
    super();
    Object.assign(this, { bound: this.bound.bind(this) });
  }

  @Message
  @Get('both')
  both(): void {}

  @Get('bound')
  bound(): void {}

  helper(): void {}
}

describe('declaredClasses', () => {
  it('finds controllers and providers, each once', async () => {
    @RequireScopes('read')
    @Injectable()
    class Service {}
    const classes = await auditedClasses([ItemsController], [Service, ItemsController]);
    expect(classes.map(({ name, controllers }) => [name, controllers.length])).toEqual([
      ['ItemsController', 1],
      ['Service', 0],
    ]);
    expect(classes[1]?.conditions).toEqual([{ decorator: 'RequireScopes', scopes: ['read'] }]);
  });

  it('tells of each method, inherited ones too, how it is reached and what its decorators say', async () => {
    const declared = await auditedClass(ItemsController);
    expect(methodOf(declared, 'list')).toMatchObject({
      name: 'ItemsController.list',
      transports: ['http'],
      conditions: [{ decorator: 'RequireScopes' }],
      replacements: [],
      hidden: [],
      dropped: [],
    });
    expect(methodOf(declared, 'both').transports).toEqual(['http', 'message']);
    expect(methodOf(declared, 'helper')).toMatchObject({ transports: [], conditions: [] });
  });

  it('has the function that an instance has in the place of a handler', async () => {
    const declared = await auditedClass(ItemsController);
    expect(methodOf(declared, 'bound').replacements).toEqual([expect.any(Function)]);
  });

  it('has none for a request-scoped controller, which is not made yet', async () => {
    @Controller({ scope: Scope.REQUEST })
    class ScopedController extends ItemsController {}
    expect(methodOf(await auditedClass(ScopedController), 'bound').replacements).toEqual([]);
  });
});
