import type { ExecutionContext } from '@nestjs/common';
import { isObject, memberOf } from '../../validation/checks.js';
import { connectionRequest } from './connection-request.js';
import type { M2MRequest } from './m2m-request.js';
import { isUpgraded, socketOf, type RequestSocket } from './request-socket.js';

/** The request, or the connection, by which an operation of GraphQL came. */
export interface GraphqlRequest {
  /** Node's request, which stands for it. */
  readonly node: object;
  /** What credentials are read from. */
  readonly request: M2MRequest;
  /** Where the application finds it: in `req`, or in `request`, of its context. */
  readonly carrier: M2MRequest;
  /** Whether it goes on after an answer: it is a WebSocket, or a subscription. */
  readonly isLasting: boolean;
  /** Undefined if the application has put a copy of the request into its context. */
  readonly socket: RequestSocket | undefined;
}

/** The context that the application's driver has made for an operation; anything, if a function of the application did. */
export function graphqlContextOf(context: ExecutionContext): unknown {
  return contextAndInfo(context)[0];
}

/** The request of an operation; `undefined` if its context has none. */
export function graphqlRequestOf(context: ExecutionContext): GraphqlRequest | undefined {
  const [value, info] = contextAndInfo(context);
  const found = isObject(value) ? find(value) : undefined;
  if (!found) return undefined;
  const { carrier, request, params } = found;
  const raw = memberOf(request, 'raw');
  const node = isObject(raw) ? raw : request;
  const isConnection = params !== undefined || isUpgraded(node);
  return {
    node,
    carrier,
    request: isConnection ? connectionRequest(node, request, params) : request,
    isLasting: isConnection || isSubscription(info),
    socket: socketOf(node),
  };
}

interface FoundRequest {
  readonly carrier: M2MRequest;
  readonly request: M2MRequest;
  /** What the client sent when it opened the connection. */
  readonly params: unknown;
}

/**
 * Apollo's driver has the request in `req`, and the connection of graphql-ws for a WebSocket; Mercurius has the request that
 * opened a WebSocket in `request`.
 */
function find(value: Readonly<Record<string, unknown>>): FoundRequest | undefined {
  const [req, request, params] = ['req', 'request', '_connectionInit'].map((name) => memberOf(value, name));
  if (isRequest(req)) return { carrier: req, request: req, params };
  if (isObject(req)) {
    const extra = memberOf(req, 'extra');
    const opening = isObject(extra) ? memberOf(extra, 'request') : undefined;
    const carrier = req as object as M2MRequest;
    if (isRequest(opening)) return { carrier, request: opening, params: memberOf(req, 'connectionParams') };
  }
  return isRequest(request) ? { carrier: request, request, params } : undefined;
}

function isRequest(value: unknown): value is M2MRequest {
  return isObject(value) && isObject(memberOf(value, 'headers'));
}

function isSubscription(info: unknown): boolean {
  const operation = isObject(info) ? info['operation'] : undefined;
  return isObject(operation) && operation['operation'] === 'subscription';
}

/** The resolver of a reference gets no arguments of a field. */
function contextAndInfo(context: ExecutionContext): readonly [unknown, unknown] {
  const args = context.getArgs<unknown[]>();
  return args.length === 3 ? [args[1], args[2]] : [args[2], args[3]];
}
