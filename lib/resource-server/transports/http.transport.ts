import type { ExecutionContext } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { M2MConfigurationError } from '../../errors/configuration.error.js';
import type { M2MCaller } from '../../caller/m2m-caller.js';
import { isObject } from '../../validation/checks.js';
import { hasNoCredentials, readBearerCredentials } from './bearer-credentials.js';
import { httpExceptionOf } from './http-exception.js';
import type { InboundCredentials, InboundTexts, InboundTransport } from './inbound-transport.js';
import { attachCaller, type M2MRequest } from './m2m-request.js';
import { isHttpResponse } from './m2m-http-response.js';
import type { Refusal } from './refusal.js';
import { setRefusalHeaders } from './refusal-headers.js';
import { textsOf } from './request-texts.js';

/** Requests over HTTP, on Express and Fastify. */
export class HttpTransport implements InboundTransport {
  readonly type = 'http';

  /** @param getRequest the request that has the credentials; default: the one that came */
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly getRequest: (context: ExecutionContext) => M2MRequest = httpRequestOf,
  ) {}

  // Handlers of messages that other packages run are often said to be HTTP, and get something else than a request.
  handles(context: ExecutionContext): boolean {
    return context.getType() === 'http' && isObject((httpRequestOf(context) as M2MRequest | undefined)?.headers);
  }

  requestOf(context: ExecutionContext): object {
    return httpRequestOf(context);
  }

  credentials(context: ExecutionContext): InboundCredentials {
    return { scheme: 'Bearer', token: readBearerCredentials(this.readRequest(context)) };
  }

  isAnonymous(context: ExecutionContext): boolean {
    return hasNoCredentials(this.getRequest(context));
  }

  texts(context: ExecutionContext): InboundTexts {
    return textsOf(this.getRequest(context));
  }

  attach(context: ExecutionContext, caller: M2MCaller | undefined): void {
    const request = this.getRequest(context);
    const original = httpRequestOf(context);
    attachCaller(request, caller);
    // A guard of the application may have read a copy, and handlers get the original.
    if (request !== original) attachCaller(original, caller);
  }

  /** @throws HttpException with the headers `WWW-Authenticate` and `Retry-After` */
  refuse(context: ExecutionContext, refusal: Refusal): never {
    const response = context.switchToHttp().getResponse<unknown>();
    const { challenge, retryAfter } = refusal;
    const { httpAdapter } = this.adapterHost;
    if (isHttpResponse(response)) setRefusalHeaders(response, refusal);
    else if (isObject(response)) {
      if (challenge !== undefined) httpAdapter.setHeader(response, 'WWW-Authenticate', challenge);
      if (retryAfter !== undefined) httpAdapter.setHeader(response, 'Retry-After', String(retryAfter));
    }
    throw httpExceptionOf(refusal);
  }

  /** @throws M2MConfigurationError for an object that credentials cannot be read from */
  private readRequest(context: ExecutionContext): M2MRequest {
    const request = this.getRequest(context) as M2MRequest | undefined;
    if (request && isObject(request.headers)) return request;
    throw new M2MConfigurationError({
      option: 'M2MGuard.getRequest',
      problem: 'returned something without headers, as a spread copy of a request is',
      remedy: 'Object.create(request), or { ...request, headers: request.headers }',
    });
  }
}

/** What `switchToHttp().getRequest()` returns, without the objects that it makes. */
export function httpRequestOf(context: ExecutionContext): M2MRequest {
  return context.getArgByIndex<M2MRequest>(0);
}
