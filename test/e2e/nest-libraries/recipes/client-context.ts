import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import { ContextIdFactory, type ContextId, type ContextIdStrategy, type HostComponentInfo } from '@nestjs/core';
import { M2MTokenVerifier, type M2MHttpRequest, type M2MHttpResponse } from '../../../../lib/index.js';

/** By Node's request. */
const clients = new WeakMap<object, string>();

/** Verifies the token before durable providers are made. The guard then finds it in its cache. */
@Injectable()
export class ClientMiddleware implements NestMiddleware {
  constructor(@Inject(M2MTokenVerifier) private readonly verifier: M2MTokenVerifier) {}

  async use(request: M2MHttpRequest, response: M2MHttpResponse, next: () => void) {
    try {
      const { clientId } = await this.verifier.verifyRequest(request);
      clients.set(request, clientId);
    } catch (error) {
      this.verifier.refuse(error, response);
      return;
    }
    next();
  }
}

/** Makes durable providers once for each client, and others once for each request. */
export class ClientContext implements ContextIdStrategy<M2MHttpRequest> {
  private readonly contexts = new Map<string, ContextId>();

  attach(contextId: ContextId, request: M2MHttpRequest) {
    const clientId = clients.get(request.raw ?? request);
    if (clientId === undefined) return () => contextId;
    const ofClient = this.contexts.get(clientId) ?? ContextIdFactory.create();
    this.contexts.set(clientId, ofClient);
    return {
      resolve: ({ isTreeDurable }: HostComponentInfo) => (isTreeDurable ? ofClient : contextId),
      payload: { clientId },
    };
  }
}
