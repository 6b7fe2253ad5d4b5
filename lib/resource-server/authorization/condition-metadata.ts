import type { Condition } from './condition.js';

const CONDITIONS = Symbol('nestjs-m2m:conditions');

/** A decorator that adds a condition to a class or a method, and takes none away that is there already. */
export function addCondition(condition: Condition): ClassDecorator & MethodDecorator {
  // Decorators run from the last to the first.
  return (target: object, method?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const place = descriptor ? (descriptor.value as object) : target;
    Reflect.defineMetadata(CONDITIONS, Object.freeze([condition, ...readConditions(place)]), place);
    if (method !== undefined) {
      const declared = [condition, ...(readDeclaration(target, method) ?? [])];
      Reflect.defineMetadata(CONDITIONS, Object.freeze(declared), target, method);
    }
  };
}

/** The conditions of a class, with those of the classes it extends, or of a handler. */
export function readConditions(target: object): readonly Condition[] {
  return (Reflect.getMetadata(CONDITIONS, target) as readonly Condition[] | undefined) ?? [];
}

/**
 * The conditions that a method was decorated with in this very class, even if another decorator has replaced its
 * function since.
 */
export function readDeclaration(prototype: object, method: string | symbol): readonly Condition[] | undefined {
  return Reflect.getOwnMetadata(CONDITIONS, prototype, method) as readonly Condition[] | undefined;
}
