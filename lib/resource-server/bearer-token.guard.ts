import { Inject, Injectable, Logger, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedOptions, ResolvedResourceServerOptions } from '../options/resolved-options.js';
import type { M2MCaller } from '../caller/m2m-caller.js';
import { M2MTokenVerifier } from './m2m-token-verifier.js';
import { notConfigured } from './not-configured.js';
import { readBearerCredentials, tokenOf } from './transports/bearer-credentials.js';
import { authorizeCaller } from './authorization/authorize-caller.js';
import type { M2MRequest } from './transports/m2m-request.js';
import { toHttpException } from './transports/refusal.exception.js';
import { refusalOf, type Refusal } from './transports/refusal.js';
import { putCaller } from './transports/request-fields.js';
import { HandlerConditionsReader } from './authorization/handler-conditions.reader.js';
import type { HandlerConditions } from './authorization/handler-conditions.js';
import { handlerName } from './authorization/handler-name.js';

/** The steps from a request's credentials to the answer: a template whose protected ones an application may replace. */
@Injectable()
export abstract class BearerTokenGuard implements CanActivate {
  private readonly logger = new Logger('M2MGuard');
  private readonly routes: HandlerConditionsReader;

  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(M2MTokenVerifier) private readonly verifier: M2MTokenVerifier,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {
    this.routes = new HandlerConditionsReader(options.resourceServer ? options.resourceServer.publicControllers : []);
  }

  /** Whether the request may go on; without a promise where the token is remembered. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return this.refuseTransport(context);
    if (this.isPublic(context)) return true;
    const request = this.getRequest(context);
    const seen = this.recognize(request, context);
    return typeof seen === 'string' ? this.verify(seen, request, context) : this.admit(seen, request, context);
  }

  /** The request that carries the credentials. */
  protected getRequest(context: ExecutionContext): M2MRequest {
    // What switchToHttp().getRequest() returns, without the objects that it makes.
    return context.getArgByIndex<M2MRequest>(0);
  }

  /** Whether no access token is needed, and one that comes is ignored. */
  protected isPublic(context: ExecutionContext): boolean {
    return this.conditionsOf(context).isPublic;
  }

  /** @throws M2MConfigurationError where this application accepts no tokens */
  protected get resourceServer(): ResolvedResourceServerOptions {
    return this.options.resourceServer ?? notConfigured();
  }

  /** Reports an error that the verifier does not know of, and returns what to throw. */
  protected refuse(error: unknown, context: ExecutionContext, caller?: M2MCaller): unknown {
    this.verifier.report(error, caller);
    return this.answer(error, context);
  }

  /** The caller of a token that is remembered, and so well-formed; else the token. */
  private recognize(request: M2MRequest, context: ExecutionContext): M2MCaller | string {
    try {
      const credentials = readBearerCredentials(request);
      return this.verifier.remembered(credentials) ?? tokenOf(credentials);
    } catch (error) {
      throw this.refuse(error, context);
    }
  }

  private async verify(token: string, request: M2MRequest, context: ExecutionContext): Promise<boolean> {
    let caller: M2MCaller;
    try {
      caller = await this.verifier.verify(token);
    } catch (error) {
      throw this.answer(error, context);
    }
    return this.admit(caller, request, context);
  }

  private admit(caller: M2MCaller, request: M2MRequest, context: ExecutionContext): true {
    try {
      authorizeCaller(caller, this.conditionsOf(context), this.resourceServer.issuers[0]?.authorizationServer.issuer);
    } catch (error) {
      throw this.refuse(error, context, caller);
    }
    putCaller(request, caller);
    return true;
  }

  /** Writes the headers of the answer to an error, and returns what to throw. */
  private answer(error: unknown, context: ExecutionContext): unknown {
    const refusal = refusalOf(error, this.resourceServer.realm, this.conditionsOf(context).scope);
    if (!refusal) return error;
    this.log(refusal, error as Error, context);
    const response = context.switchToHttp().getResponse<object>();
    for (const [name, value] of Object.entries(refusal.headers)) {
      this.adapterHost.httpAdapter.setHeader(response, name, value);
    }
    return toHttpException(refusal, error);
  }

  private log({ status, level }: Refusal, { message }: Error, context: ExecutionContext): void {
    const reason = message.replaceAll(/[^\x20-\x7e]/g, '?');
    this.logger[level](`${handlerName(context)} answered ${status}: ${reason}`);
  }

  private refuseTransport(context: ExecutionContext): false {
    this.logger.error(`${handlerName(context)} was refused: M2MGuard decides over HTTP requests only`);
    return false;
  }

  private conditionsOf(context: ExecutionContext): HandlerConditions {
    return this.routes.read(context.getClass(), context.getHandler());
  }
}
