import type { Type } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { readConditions, readDeclaredConditions } from '../condition-metadata.js';
import type { Condition } from '../condition.js';

/** Nest's metadata key of a route. */
const PATH = 'path';
/** Nest's metadata key of a message handler. */
const PATTERN = 'microservices:pattern';

/** A class of the application, with what its decorators say. */
export interface DeclaredClass {
  readonly type: Type;
  readonly name: string;
  readonly isController: boolean;
  readonly conditions: readonly Condition[];
  readonly methods: readonly DeclaredMethod[];
}

export interface DeclaredMethod {
  /** `ProductsController.list` */
  readonly name: string;
  readonly handler: object;
  readonly transport: 'http' | 'message' | undefined;
  readonly conditions: readonly Condition[];
  /** Conditions that the method was decorated with and that its function does not have. */
  readonly hidden: readonly Condition[];
}

/** Every controller and provider of an application, each class once. */
export function declaredClasses(modules: ModulesContainer): readonly DeclaredClass[] {
  const controllers = new Set([...modules.values()].flatMap((each) => classesOf(each.controllers)));
  const providers = new Set([...modules.values()].flatMap((each) => classesOf(each.providers)));
  return [...new Set([...controllers, ...providers])].map((type) => describeClass(type, controllers.has(type)));
}

function classesOf(wrappers: ReadonlyMap<unknown, { readonly metatype: unknown }>): Type[] {
  return [...wrappers.values()]
    .map(({ metatype }) => metatype as Type)
    .filter((type) => typeof type?.prototype === 'object');
}

function describeClass(type: Type, isController: boolean): DeclaredClass {
  const prototype = type.prototype as Record<string, object>;
  const methods = new MetadataScanner().getAllMethodNames(prototype).map((method) => {
    const handler = prototype[method] as object;
    const conditions = readConditions(handler);
    const hidden = readDeclaredConditions(prototype, method).filter((condition) => !conditions.includes(condition));
    return { name: `${type.name}.${method}`, handler, transport: transportOf(handler), conditions, hidden };
  });
  return { type, name: type.name, isController, conditions: readConditions(type), methods };
}

function transportOf(handler: object): DeclaredMethod['transport'] {
  if (Reflect.hasMetadata(PATH, handler)) return 'http';
  return Reflect.hasMetadata(PATTERN, handler) ? 'message' : undefined;
}
