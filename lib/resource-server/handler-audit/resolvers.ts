import type { Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { isObject } from '../../validation/checks.js';

// Nest's metadata keys of resolvers: the type and the name of what a method resolves, and which methods are no operations.
const TYPE = 'graphql:resolver_type';
const NAME = 'graphql:resolver_name';
const PROPERTY = 'graphql:resolve_property';
const REFERENCE = 'graphql:resolve_reference';

/** The name under which Nest provides the options of `GraphQLModule`. */
const MODULE_OPTIONS = 'GqlModuleOptions';

const OPERATIONS: ReadonlySet<unknown> = new Set(['Query', 'Mutation', 'Subscription']);
/** Nest calls it without any guard. */
const TYPE_OF_UNION = '__resolveType';

/** A field of a GraphQL schema that a method resolves. */
export interface GraphqlField {
  /** Its schema coordinate: `Query.products`. */
  readonly coordinate: string;
  /** Whether it is the field of another type than Query, Mutation and Subscription. */
  readonly isNested: boolean;
  /** Whether Nest never asks a guard about it. */
  readonly isOpen: boolean;
}

/** The field that a method resolves, as `@nestjs/graphql` sees it; `undefined` for another method. */
export function graphqlField(type: Type, key: string, handler: object): GraphqlField | undefined {
  const own = Reflect.getMetadata(TYPE, handler) as string | undefined;
  const parent = own ?? (Reflect.getMetadata(TYPE, type) as string | undefined);
  const isReference = Reflect.getMetadata(REFERENCE, handler) === true;
  const isProperty = Reflect.getMetadata(PROPERTY, handler) === true;
  const isOperation = OPERATIONS.has(parent);
  if (parent === undefined || (!isReference && !isProperty && !OPERATIONS.has(own))) return undefined;
  const named = (Reflect.getMetadata(NAME, handler) as string | undefined) ?? key;
  const name = isReference ? '__resolveReference' : named;
  return { coordinate: `${parent}.${name}`, isNested: !isOperation, isOpen: key === TYPE_OF_UNION };
}

/** Whether every `GraphQLModule` of an application asks guards about the fields of nested types. */
export function guardsNestedFields(modules: Pick<ModulesContainer, 'values'>): boolean {
  const options = [...modules.values()].map((each): unknown => each.providers.get(MODULE_OPTIONS)?.instance);
  return options.filter(isObject).every(({ fieldResolverEnhancers: enhancers }) => {
    return Array.isArray(enhancers) && enhancers.includes('guards');
  });
}

/** Whether a field can be asked for without the field of another resolver: references are, by the gateway of a federation. */
export function isEntry(coordinate: string): boolean {
  return /^(Query|Mutation|Subscription)\.|\.__resolveReference$/.test(coordinate);
}
