import type { Type } from '@nestjs/common';
import { MetadataScanner } from '@nestjs/core';
import { M2MConfigurationError } from '../../errors/configuration.error.js';
import { readConditions } from './condition-metadata.js';
import type { Condition } from './condition.js';
import { uniteConditions, type HandlerConditions } from './handler-conditions.js';
import { lostConditions } from './lost-conditions.js';

/** Nest's metadata keys that tell one handler from another. */
const HANDLER_KEYS = ['path', 'method', '__version__', 'microservices:pattern', 'graphql:resolver_name'];

/** Reads the conditions of handlers, each once. */
export class HandlerConditionsReader {
  private readonly known = new WeakMap<object, WeakMap<object, HandlerConditions>>();
  private readonly scanner = new MetadataScanner();

  /** @param publicControllers controllers that count as decorated with `@Public()` */
  constructor(private readonly publicControllers: readonly Type[] = []) {}

  /**
   * A handler that several classes inherit may have other conditions in each.
   *
   * @throws M2MConfigurationError for a function without the conditions of the method that it stands for, and for
   *   conditions that another version of the package has written
   */
  read(controller: Type, handler: object): HandlerConditions {
    let handlers = this.known.get(controller);
    if (!handlers) this.known.set(controller, (handlers = new WeakMap()));
    let conditions = handlers.get(handler);
    if (!conditions) handlers.set(handler, (conditions = this.unite(controller, handler)));
    return conditions;
  }

  /** Whether a function has every condition that was put on the method which it is, or which it has replaced. */
  isKnown({ prototype }: Type, handler: object): boolean {
    const declared = prototype as Record<string, object>;
    const names = this.scanner.getAllMethodNames(declared);
    const own = names.filter((name) => declared[name] === handler);
    const lost = own.map((name) => lostConditions(declared, name));
    if (own.length > 0) return lost.every(({ hidden, dropped }) => hidden.length + dropped.length === 0);
    const held = readConditions(handler);
    const methods = names.map((name) => declared[name] as object);
    return replaceable(methods, handler).every((each) => readConditions(each).every((one) => held.includes(one)));
  }

  private unite(controller: Type, handler: object): HandlerConditions {
    if (!this.isKnown(controller, handler)) throw replaced(controller, handler);
    const listed: Condition[] = this.publicControllers.includes(controller) ? [{ decorator: 'Public' }] : [];
    return uniteConditions([...readConditions(controller), ...listed], readConditions(handler));
  }
}

/**
 * The methods that a function may have replaced: any, or those whose metadata was copied to it.
 *
 * There is none if no method has that metadata: mixins may give the instances of a class the constructor of another.
 */
function replaceable(methods: readonly object[], handler: object): readonly object[] {
  const isSame = (method: object, key: string): boolean =>
    Reflect.getMetadata(key, method) === Reflect.getMetadata(key, handler);
  const copied = HANDLER_KEYS.filter((key) => Reflect.hasMetadata(key, handler));
  const alike = methods.filter((method) => copied.every((key) => isSame(method, key)));
  const same = alike.filter((method) => HANDLER_KEYS.every((key) => isSame(method, key)));
  return copied.length > 0 && same.length > 0 ? same : alike;
}

function replaced({ name }: Type, handler: object): M2MConfigurationError {
  const method = 'name' in handler ? String(handler.name) : 'handler';
  return new M2MConfigurationError({
    option: `${name}.${method}`,
    problem: 'is not the method that the decorators were put on, so that nobody knows its conditions',
    remedy: `no assignment to that method in the constructor of ${name}, such as this.list = this.list.bind(this)`,
  });
}
