import { VERSION_NEUTRAL } from '@nestjs/common';
import { isPublicHandler, type M2MHandler } from '../../resource-server/handler-audit/listed-handlers.js';
import type { AllowedClient } from '../../resource-server/authorization/condition.js';
import { uniteConditions } from '../../resource-server/authorization/handler-conditions.js';

/** A handler, and who may call it. */
export interface HandlerRow {
  /** `ProductsController.list` */
  readonly handler: string;
  readonly transport: M2MHandler['transport'];
  /** `undefined` for messages and GraphQL. */
  readonly httpMethod: string | undefined;
  readonly paths: readonly string[] | undefined;
  /** `neutral` stands for Nest's VERSION_NEUTRAL. */
  readonly versions: readonly string[] | undefined;
  /** Of its messages; the field of GraphQL. */
  readonly pattern: unknown;
  /** Who is authenticated before it: `claimed`, machines by a guard with `@EnforcesM2M()`; `none`, nobody. */
  readonly access: 'm2m' | 'claimed' | 'user' | 'public' | 'none';
  /** The passport strategies whose users are let in beside machines. */
  readonly userStrategies: readonly string[];
  /** Whether a request without a token is let in. */
  readonly tokenOptional: boolean;
  /** All of them are needed. */
  readonly scopes: readonly string[];
  /** Of each group one is needed. */
  readonly anyScope: readonly (readonly string[])[];
  /** Each group must hold the caller. */
  readonly clients: readonly (readonly AllowedClient[])[];
  readonly audiences: readonly string[];
}

export function rowOf(handler: M2MHandler): HandlerRow {
  const { transport, httpMethod, paths, versions, pattern, guarded, userStrategies } = handler;
  const { isTokenOptional, allScopes, anyScope, clients, audiences } = uniteConditions([], handler.conditions);
  return {
    handler: `${handler.class.name}.${handler.method}`,
    transport,
    httpMethod,
    paths,
    versions: versions?.map((version) => (version === VERSION_NEUTRAL ? 'neutral' : version)),
    pattern,
    // Behind a guard for users `@Public()` says only that no machine's token is needed.
    access: isPublicHandler(handler) && guarded !== 'user' ? 'public' : guarded || 'none',
    userStrategies,
    tokenOptional: isTokenOptional,
    scopes: allScopes,
    anyScope,
    clients,
    audiences,
  };
}
