import type { Type } from '@nestjs/common';
import { MetadataScanner, type DiscoveryService, type ModulesContainer } from '@nestjs/core';
import { readConditions } from '../authorization/condition-metadata.js';
import type { Condition } from '../authorization/condition.js';
import { lostConditions, type LostConditions } from '../authorization/lost-conditions.js';
import { graphqlField, type GraphqlField } from './resolvers.js';

/** Nest's metadata key of a route. */
const PATH = 'path';
/** Nest's metadata key of a message handler. */
const PATTERN = 'microservices:pattern';
/** Nest's metadata key of a class that handles messages of sockets. */
const GATEWAY = 'websockets:is_gateway';

/** A class of the application, with what its decorators say. */
export interface DeclaredClass {
  readonly type: Type;
  readonly name: string;
  /** Nest's wrappers of the class, one for each module that it is a controller of. */
  readonly controllers: readonly ControllerWrapper[];
  readonly conditions: readonly Condition[];
  readonly methods: readonly DeclaredMethod[];
}

/** How requests reach a handler. */
export type HandlerTransport = 'http' | 'message' | 'graphql';

export interface DeclaredMethod extends LostConditions {
  /** `list` */
  readonly key: string;
  /** `ProductsController.list` */
  readonly name: string;
  readonly handler: object;
  /** The functions that Nest calls in the place of the handler: it takes those that are in the instances. */
  readonly replacements: readonly object[];
  /** How requests reach the handler; empty for a method that is no handler. */
  readonly transports: readonly HandlerTransport[];
  readonly conditions: readonly Condition[];
  /** The field of a GraphQL schema that it resolves. */
  readonly field: GraphqlField | undefined;
}

export type ControllerWrapper = ReturnType<DiscoveryService['getControllers']>[number];

/** Every controller and provider of an application, each class once. */
export function declaredClasses(modules: ModulesContainer): readonly DeclaredClass[] {
  const controllers = [...modules.values()].flatMap((each) => [...each.controllers.values()]);
  const providers = [...modules.values()].flatMap((each) => [...each.providers.values()]);
  const types = [...controllers, ...providers].map(({ metatype }) => metatype as Type | null);
  const classes = new Set(types.filter((type) => typeof type?.prototype === 'object') as Type[]);
  return [...classes].map((type) => describeClass(type, controllers));
}

function describeClass(type: Type, all: readonly ControllerWrapper[]): DeclaredClass {
  const controllers = all.filter(({ metatype }) => metatype === type);
  const prototype = type.prototype as Record<string, object>;
  const methods = new MetadataScanner().getAllMethodNames(prototype).map((key): DeclaredMethod => {
    const handler = prototype[key] as object;
    const field = graphqlField(type, key, handler);
    const transports = transportsOf(handler, field);
    return {
      key,
      name: `${type.name}.${key}`,
      handler,
      replacements: transports.length > 0 ? replacements(controllers, key, handler) : [],
      transports,
      conditions: readConditions(handler),
      field,
      ...lostConditions(prototype, key),
    };
  });
  return { type, name: type.name, controllers, conditions: readConditions(type), methods };
}

function transportsOf(handler: object, field: GraphqlField | undefined): DeclaredMethod['transports'] {
  const isHandler = {
    http: Reflect.hasMetadata(PATH, handler),
    message: Reflect.hasMetadata(PATTERN, handler),
    graphql: field !== undefined,
  };
  const transports: DeclaredMethod['transports'] = ['http', 'message', 'graphql'];
  return transports.filter((each) => isHandler[each]);
}

function replacements(controllers: readonly ControllerWrapper[], key: string, handler: object): readonly object[] {
  const called = controllers.map(({ instance }) => (instance as Record<string, object> | undefined)?.[key] ?? handler);
  return called.filter((each) => each !== handler);
}

/** Whether a class handles messages of sockets. */
export function isGateway(type: Type): boolean {
  return Reflect.hasMetadata(GATEWAY, type);
}

/** Whether a class has methods that resolve fields of GraphQL. */
export function isResolver({ methods }: Pick<DeclaredClass, 'methods'>): boolean {
  return methods.some(({ field }) => field !== undefined);
}

/** A class without the handlers that no transport of a list reaches. */
export function reachedBy(declared: DeclaredClass, reachable: readonly HandlerTransport[]): DeclaredClass {
  const methods = declared.methods.flatMap((method) => {
    const transports = method.transports.filter((each) => reachable.includes(each));
    return transports.length === 0 && method.transports.length > 0 ? [] : [{ ...method, transports }];
  });
  return { ...declared, methods };
}

/** The pattern of a handler's messages; a list if it has several. */
export function patternOf(handler: object): unknown {
  const patterns = Reflect.getMetadata(PATTERN, handler) as readonly unknown[];
  return patterns.length === 1 ? patterns[0] : patterns;
}
