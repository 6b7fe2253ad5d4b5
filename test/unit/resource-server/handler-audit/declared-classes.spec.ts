import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable } from '@nestjs/common';
import { RequireScopes } from '../../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { auditedClass, auditedClasses, Message, methodOf } from '../../../support/audited-classes.js';

class Base {
  @RequireScopes('read')
  @Get()
  list(): void {}
}

@Controller()
class ItemsController extends Base {
  @Message
  @Get('both')
  both(): void {}

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
      hidden: [],
      dropped: [],
    });
    expect(methodOf(declared, 'both').transports).toEqual(['http', 'message']);
    expect(methodOf(declared, 'helper')).toMatchObject({ transports: [], conditions: [] });
  });
});
