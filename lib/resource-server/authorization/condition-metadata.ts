import { M2MConfigurationError } from '../../errors/configuration.error.js';
import { isObject } from '../../validation/checks.js';
import { isCondition, type Condition } from './condition.js';
import { registerCopy } from './package-copies.js';

/** Shared by all copies of the package in a process. It never carries a version: an entry does. */
const CONDITIONS = Symbol.for('nestjs-m2m:conditions');
/**
 * The version of an entry. A new kind of condition needs no new one, as a copy refuses the kinds that it does not know. A
 * new meaning of a known kind does.
 */
const VERSION = 1;

/** What stands in the metadata of a class or a method. */
interface ConditionsEntry {
  readonly version: typeof VERSION;
  readonly conditions: readonly Condition[];
}

/** A decorator that adds a condition to a class or a method, and takes none away that is there already. */
export function addCondition(condition: Condition): ClassDecorator & MethodDecorator {
  registerCopy();
  // Decorators run from the last to the first.
  return (target: object, method?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const place = descriptor ? (descriptor.value as object) : target;
    Reflect.defineMetadata(CONDITIONS, entryOf([condition, ...readConditions(place)]), place);
    if (method !== undefined) {
      const declared = entryOf([condition, ...readDeclaration(target, method)]);
      Reflect.defineMetadata(CONDITIONS, declared, target, method);
    }
  };
}

/**
 * The conditions of a class, with those of the classes it extends, or of a handler.
 *
 * @throws M2MConfigurationError if another copy of the package wrote something that this one does not know
 */
export function readConditions(target: object): readonly Condition[] {
  return conditionsIn(Reflect.getMetadata(CONDITIONS, target), target);
}

/**
 * The conditions that a method was decorated with in this very class, even if another decorator has replaced its
 * function since.
 *
 * @throws M2MConfigurationError if another copy of the package wrote something that this one does not know
 */
export function readDeclaration(prototype: object, method: string | symbol): readonly Condition[] {
  return conditionsIn(Reflect.getOwnMetadata(CONDITIONS, prototype, method), prototype.constructor);
}

function entryOf(conditions: readonly Condition[]): ConditionsEntry {
  return Object.freeze({ version: VERSION, conditions: Object.freeze(conditions) });
}

function conditionsIn(entry: unknown, target: object): readonly Condition[] {
  if (entry === undefined) return [];
  if (isEntry(entry)) return entry.conditions;
  throw new M2MConfigurationError({
    option: 'name' in target ? String(target.name) : 'a handler',
    problem: 'has conditions that another version of nestjs-m2m has written, and that this one does not know',
    remedy: 'one version of nestjs-m2m in the application: npm ls nestjs-m2m shows them all',
  });
}

function isEntry(entry: unknown): entry is ConditionsEntry {
  if (!isObject(entry)) return false;
  const { version, conditions } = entry;
  return version === VERSION && Array.isArray(conditions) && conditions.every(isCondition);
}
