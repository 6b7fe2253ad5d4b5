import type { Type } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { readConditions, readDeclaration } from '../condition-metadata.js';
import { isRequirement, type Condition } from '../condition.js';

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
  /** A requirement of the method that a route overrides, and the class of that method. */
  readonly dropped: { readonly from: string; readonly condition: Condition } | undefined;
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
    const named = { name: `${type.name}.${method}`, handler, transport: transportOf(handler) };
    return { ...named, conditions: readConditions(handler), ...lostConditions(prototype, method, named.transport) };
  });
  return { type, name: type.name, isController, conditions: readConditions(type), methods };
}

/** What the nearest class that decorates a method says, and its function does not. */
function lostConditions(
  prototype: Record<string, object>,
  method: string,
  transport: DeclaredMethod['transport'],
): Pick<DeclaredMethod, 'hidden' | 'dropped'> {
  const chain = prototypesOf(prototype);
  const declaring = chain.find((each) => readDeclaration(each, method));
  const held = readConditions(prototype[method] as object);
  const lost = declaring ? (readDeclaration(declaring, method) ?? []).filter((each) => !held.includes(each)) : [];
  if (!declaring || chain.find((each) => Object.hasOwn(each, method)) === declaring) {
    return { hidden: lost, dropped: undefined };
  }
  const condition = transport && lost.find(isRequirement);
  return { hidden: [], dropped: condition && { from: declaring.constructor.name, condition } };
}

function prototypesOf(prototype: object): readonly object[] {
  const parent = Object.getPrototypeOf(prototype) as object | null;
  return parent ? [prototype, ...prototypesOf(parent)] : [prototype];
}

function transportOf(handler: object): DeclaredMethod['transport'] {
  if (Reflect.hasMetadata(PATH, handler)) return 'http';
  return Reflect.hasMetadata(PATTERN, handler) ? 'message' : undefined;
}
