import { describe, expect, it } from '@jest/globals';
import { Get, Post, Version } from '@nestjs/common';
import { RequireScopes } from '../../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { HandlerConditionsReader } from '../../../../lib/resource-server/authorization/handler-conditions.reader.js';

class ProductsController {
  @RequireScopes('read')
  @Get('products')
  list(): void {}

  @Version('2')
  @RequireScopes('admin')
  @Get('products')
  listAll(): void {}

  @RequireScopes('write')
  @Post('orders')
  order(): void {}

  @Get('health')
  health(): void {}

  helper(): void {}
}
const { list, listAll, order, health, helper } = ProductsController.prototype;

const all = (): boolean => true;
const texts = (key: unknown): boolean => typeof key === 'string';
const only = (name: string) => (key: unknown) => key === name;

function wrapperOf(handler: object, isCopied: (key: unknown) => boolean): object {
  const wrapper = helper.bind(undefined);
  for (const key of Reflect.getMetadataKeys(handler).filter(isCopied)) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, handler), wrapper);
  }
  return wrapper;
}

describe('the conditions of a function', () => {
  it.each<[string, object, boolean]>([
    ['it is a method', list, true],
    ['it is a method without conditions', health, true],
    ['it has all metadata of a method', wrapperOf(list, all), true],
    ['it has all metadata of another version', wrapperOf(listAll, all), true],
    ['it has the route of a method without conditions', wrapperOf(health, texts), true],
    ['it has the route of a method, not its conditions', wrapperOf(list, texts), false],
    ['it has the route of another version, not its conditions', wrapperOf(listAll, texts), false],
    ['it has the path of a method only', wrapperOf(order, only('path')), false],
    ['it has nothing of any method', wrapperOf(helper, all), false],
  ])('are known, or not, where %s', (_name, handler, isKnown) => {
    const reader = new HandlerConditionsReader([]);
    expect(reader.isKnown(ProductsController, handler)).toBe(isKnown);
  });

  it('are known where it is a route of another class than the one it is asked for with', () => {
    class MixinController {
      @RequireScopes('read')
      @Get('other')
      other(): void {}
    }
    const reader = new HandlerConditionsReader([]);
    expect(reader.read(MixinController, listAll).allScopes).toEqual(['admin']);
  });

  it('are not known where it has replaced another method, whose conditions are others', () => {
    class Replaced {
      @RequireScopes('read')
      @Get('list')
      list(): void {}

      @RequireScopes('write')
      @Get('order')
      order(): void {}
    }
    Object.assign(Replaced.prototype, { order: Replaced.prototype.list });
    const reader = new HandlerConditionsReader([]);
    expect(reader.isKnown(Replaced, Replaced.prototype.list)).toBe(false);
  });

  it('are not known where its class has lost them since', () => {
    class Base {
      @RequireScopes('read')
      @Get()
      list(): void {}
    }
    class Derived extends Base {}
    const replacement = { list(): void {} }.list;
    Object.assign(Derived.prototype, { list: replacement });
    const reader = new HandlerConditionsReader([]);
    expect(() => reader.read(Derived, replacement)).toThrow('is not the method that the decorators were put on');
    Object.assign(Base.prototype, { list: replacement });
    expect(() => reader.read(Base, replacement)).toThrow('is not the method that the decorators were put on');
  });
});
