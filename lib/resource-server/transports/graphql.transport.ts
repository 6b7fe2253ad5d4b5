import type { ExecutionContext } from '@nestjs/common';
import type { M2MCaller } from '../../caller/m2m-caller.js';
import { isObject } from '../../validation/checks.js';
import { hasNoCredentials, readBearerCredentials, readBearerToken } from './bearer-credentials.js';
import { GraphqlFailureException, GraphqlRefusalException } from './graphql-refusal.exception.js';
import { graphqlContextOf, graphqlRequestOf, type GraphqlRequest } from './graphql-request.js';
import type { InboundCredentials, InboundTexts, InboundTransport, UnhandledContext } from './inbound-transport.js';
import { attachCaller, type M2MRequest } from './m2m-request.js';
import type { OpenConnections } from './open-connections.js';
import type { Refusal } from './refusal.js';
import { textsOf } from './request-texts.js';

/**
 * Operations of GraphQL, with Apollo's driver and with Mercurius: over HTTP, and over the WebSockets of graphql-ws. One
 * connection has one caller, and ends when its token is no longer accepted.
 */
export class GraphqlTransport implements InboundTransport {
  readonly type = 'graphql';

  /** @param connections those that end with their tokens */
  constructor(private readonly connections: OpenConnections) {}

  handles(context: ExecutionContext): boolean {
    if (context.getType<string>() !== 'graphql') return false;
    const found = graphqlRequestOf(context);
    // Nobody could end a subscription without its socket.
    return found !== undefined && (!found.isLasting || found.socket !== undefined);
  }

  unhandled(context: ExecutionContext): UnhandledContext {
    const what = graphqlRequestOf(context)
      ? 'a subscription whose context has a copy of its request'
      : 'a context of GraphQL without a request';
    const remedy = 'no context function in GraphQLModule.forRoot, or one that returns no req of its own';
    return { what, remedy };
  }

  requestOf(context: ExecutionContext): object {
    return this.read(context).node;
  }

  /** The request: one may hold many operations. Over a WebSocket the operation: decisions are not to outlive it. */
  operationOf(context: ExecutionContext): object {
    const { node, isLasting } = this.read(context);
    const value = graphqlContextOf(context);
    return isLasting && isObject(value) ? value : node;
  }

  credentials(context: ExecutionContext): InboundCredentials {
    return { scheme: 'Bearer', token: readBearerCredentials(this.read(context).request) };
  }

  isAnonymous(context: ExecutionContext): boolean {
    return hasNoCredentials(this.read(context).request);
  }

  texts(context: ExecutionContext): InboundTexts {
    return textsOf(this.read(context).request);
  }

  userRequest(context: ExecutionContext): M2MRequest {
    return this.read(context).request;
  }

  attach(context: ExecutionContext, caller: M2MCaller | undefined): void {
    const { request, carrier, isLasting, socket } = this.read(context);
    attachCaller(carrier, caller);
    // Passport has written its user on the other one.
    if (request !== carrier && !caller) carrier.user ??= request.user;
    if (isLasting && socket && caller) this.connections.watch(socket, readBearerToken(request), caller);
  }

  /** @throws GraphqlRefusalException: the status of the answer stays as it is, without a challenge */
  refuse(_context: ExecutionContext, refusal: Refusal): never {
    throw new GraphqlRefusalException(refusal);
  }

  /** @throws GraphqlFailureException: the drivers would answer the message of any other error */
  fail(error: unknown): never {
    throw new GraphqlFailureException(error);
  }

  private read(context: ExecutionContext): GraphqlRequest {
    return graphqlRequestOf(context) as GraphqlRequest;
  }
}
